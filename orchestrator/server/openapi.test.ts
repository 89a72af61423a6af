import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServerParts } from '../../test/recorded/open.ts'
import { recordStory, storyRuns } from '../../test/recorded/story.ts'
import { packageRoot } from '../process/index.ts'
import { createServer, openApiDocument, type TraitlineServer } from './index.ts'

const copy = join(packageRoot(), 'docs/reference/openapi.json')

let parts: Awaited<ReturnType<typeof openServerParts>>
let server: TraitlineServer
beforeAll(async () => {
  parts = await openServerParts()
  await recordStory(parts.options.store, parts.databaseUrl)
  server = createServer({ ...parts.options, messages: () => Promise.resolve([]) })
})
afterAll(async () => {
  await server.close()
  await parts.close()
})

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator()
  const result = await validator.validate(
    JSON.parse(JSON.stringify(openApiDocument(server.app))) as Record<string, unknown>,
  )
  expect(result.errors).toBeUndefined()
  expect([result.valid, validator.version]).toEqual([true, '3.1'])
})

test('the copy in docs/reference is current', async () => {
  const text = `${JSON.stringify(openApiDocument(server.app), null, 2)}\n`
  if (process.env['UPDATE_REFERENCE'] === '1') {
    await mkdir(dirname(copy), { recursive: true })
    await writeFile(copy, text)
  }
  expect(await readFile(copy, 'utf8'), 'write it anew with UPDATE_REFERENCE=1').toBe(text)
})

test('it is served', async () => {
  const response = await server.app.request('/openapi.json')
  expect(await response.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument(server.app))))
})

test('what is answered is what the document says', async () => {
  const document = openApiDocument(server.app)
  const ajv = new Ajv({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'api', components: document.components })
  const addresses: Readonly<Record<string, string>> = {
    '/api/v1/alerts': '/api/v1/alerts',
    '/api/v1/assets': '/api/v1/assets',
    '/api/v1/assets/{key}': '/api/v1/assets/trait%2Fvalue_tier',
    '/api/v1/assets/{key}/materializations': '/api/v1/assets/notebook%2Fchurn/materializations',
    '/api/v1/assets/{key}/checks': '/api/v1/assets/model%2Fshop%2Fcustomers/checks',
    '/api/v1/assets/{key}/syncs': '/api/v1/assets/sync%2Fat_risk_to_crm/syncs',
    '/api/v1/checks/runs': '/api/v1/checks/runs',
    '/api/v1/checks/runs/{id}': `/api/v1/checks/runs/${storyRuns.checks}`,
    '/api/v1/graph': '/api/v1/graph',
    '/api/v1/lineage': '/api/v1/lineage?asset=trait/value_tier',
    '/api/v1/lineage/columns': '/api/v1/lineage/columns?asset=trait/value_tier&column=value_tier',
    '/api/v1/outbox': '/api/v1/outbox',
    '/api/v1/outbox/{channel}/messages': '/api/v1/outbox/alerts/messages',
    '/api/v1/pools': '/api/v1/pools',
    '/api/v1/resources': '/api/v1/resources',
    '/api/v1/automation': '/api/v1/automation',
    '/api/v1/automation/history': '/api/v1/automation/history',
    '/api/v1/run-requests': '/api/v1/run-requests',
    '/api/v1/schedules': '/api/v1/schedules',
    '/api/v1/sensors': '/api/v1/sensors',
    '/api/v1/syncs/{key}': '/api/v1/syncs/sync%2Fat_risk_to_crm',
    '/api/v1/syncs/{key}/suggestions': '/api/v1/syncs/sync%2Fat_risk_to_crm/suggestions',
    '/api/v1/webhooks': '/api/v1/webhooks',
    '/api/v1/runs': '/api/v1/runs',
    '/api/v1/runs/{id}': `/api/v1/runs/${storyRuns.failed}`,
    '/api/v1/runs/{id}/logs/{step}': `/api/v1/runs/${storyRuns.failed}/logs/notebook%2Fchurn`,
    '/api/v1/backfills': '/api/v1/backfills',
    '/api/v1/partition-sets/{set}': '/api/v1/partition-sets/shops',
    '/api/v1/runs/{id}/partitions': `/api/v1/runs/${storyRuns.failed}/partitions`,
    '/api/v1/projects': '/api/v1/projects',
    '/api/v1/revisions': '/api/v1/revisions',
    '/api/v1/revisions/{n}': '/api/v1/revisions/2',
    '/api/v1/messages': '/api/v1/messages',
    '/healthz': '/healthz',
    '/readyz': '/readyz',
  }
  const streams = [
    '/api/v1/runs/{id}/events',
    '/api/v1/events',
    '/api/v1/runs/{id}/logs/{step}/stream',
    '/api/v1/runs/{id}/logs/{step}/file',
    '/api/v1/runs/{id}/steps/{step}/notebook',
  ]
  const ofPartitions = [
    '/api/v1/assets/{key}/partitions',
    '/api/v1/assets/{key}/partitions/ranges',
    '/api/v1/assets/{key}/partitions/{partition}/runs',
    '/api/v1/backfills/{id}',
    '/api/v1/backfills/{id}/batches',
  ]
  // A worker answers.
  const ofWorkers = ['/api/v1/syncs/{key}/rejects']
  const readable = Object.entries(document.paths ?? {}).filter(([, item]) => 'get' in item)
  expect(readable.map(([path]) => path).toSorted()).toEqual(
    [...Object.keys(addresses), ...streams, ...ofPartitions, ...ofWorkers].toSorted(),
  )

  for (const [path, address] of Object.entries(addresses)) {
    const operation = (
      document.paths?.[path] as { get: { responses: Record<string, { content?: Record<string, { schema: object }> }> } }
    ).get
    const schema = operation.responses['200']?.content?.['application/json']?.schema
    const response = await server.app.request(address, { headers: { accept: 'application/json' } })
    expect(response.status, address).toBe(200)
    const refersToApi = JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components')) as object
    const validate = ajv.compile(refersToApi)
    validate(await response.json())
    expect(validate.errors, address).toBeNull()
  }
})
