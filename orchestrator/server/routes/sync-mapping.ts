import { createRoute, z } from '@hono/zod-openapi'
import {
  isTraitlineError,
  referencesIn,
  type FieldMapping,
  type Manifest,
  type SyncPreview,
} from '../../contract/index.ts'
import { candidatesFor, suggestMapping } from '../../mapping/index.ts'
import { fieldMappingSchema } from '../../schema/index.ts'
import type { RouteDeps } from '../deps.ts'
import { RequestProblem } from '../problem.ts'
import { findSync } from '../project-view.ts'
import { createRouter } from '../router.ts'
import { runOptions } from '../run-options.ts'
import { scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'
import { askPreview, syncPreview, syncSuggestions, type SyncSuggestions } from '../schemas/sync-mapping.ts'

const params = z.object({ key: z.string().openapi({ description: 'The sync’s key, url-encoded.' }) })

const previewRoute = createRoute({
  method: 'post',
  path: '/syncs/{key}/preview',
  summary: 'Rows of a sync as its destination would get them, with its mapping or a given one; nothing is sent',
  tags: ['syncs'],
  request: {
    params,
    query: scopeQuery,
    body: { required: true, content: { 'application/json': { schema: askPreview } } },
  },
  responses: {
    200: {
      description: 'The payloads, whose values are masked.',
      content: { 'application/json': { schema: syncPreview } },
    },
    ...problems(400, 401, 403, 404, 409, 503),
  },
})

const suggestRoute = createRoute({
  method: 'get',
  path: '/syncs/{key}/suggestions',
  summary: 'What may fill the fields of a sync’s stream, by names and types',
  tags: ['syncs'],
  request: { params, query: scopeQuery },
  responses: {
    200: {
      description: 'For each field at most three, best first.',
      content: { 'application/json': { schema: syncSuggestions } },
    },
    ...problems(400, 401, 403, 404, 503),
  },
})

/** A browser waits so long, and no longer. */
const previewTimeoutMs = 60_000

export function syncMappingRoutes(deps: RouteDeps) {
  const { projects, launcher } = deps
  const router = createRouter().openapi(previewRoute, async (c) => {
    const project = await projects.latest(await projects.scope(c.req.valid('query')))
    const { key: sync } = findSync(project, c.req.valid('param').key)
    const { scope, revision, manifest } = project
    const { rows, mapping } = c.req.valid('json')
    const preview = { rows, ...(mapping !== undefined && { mapping: checkMapping(mapping, manifest) }) }
    const { warehouseQueue } = runOptions(deps.runs, scope)
    const { answer } = await launcher
      .previewSync({ scope, revision, sync, preview, warehouseQueue, timeoutMs: previewTimeoutMs })
      .catch((error: unknown) => {
        if (!isTraitlineError(error) || error.blame === 'system') throw error
        throw new RequestProblem(409, error.code, error.message, error.hint)
      })
    return c.json<SyncPreview, 200>(answer, 200)
  })
  return router.openapi(suggestRoute, async (c) => {
    const { manifest, ...project } = await projects.latest(await projects.scope(c.req.valid('query')))
    const spec = findSync({ manifest, ...project }, c.req.valid('param').key)
    const destination = manifest.destinations.find(({ name }) => name === spec.destination)
    const stream = destination?.streams.find(({ name }) => name === spec.stream)
    const found = stream === undefined ? [] : suggestMapping(stream, candidatesFor(manifest, spec))
    const mapped = new Set(spec.mapping.map(({ field }) => field))
    const items = found.map(({ field, candidate: { name, value }, score, reasons }) => ({
      ...{ field, value, name, score, reasons, mapped: mapped.has(field) },
    }))
    return c.json<SyncSuggestions, 200>({ sync: spec.key, stream: spec.stream, items }, 200)
  })
}

const maxFields = 500

/** A mapping that did not come from a project: its shape, and that what it reads is there. */
function checkMapping(given: readonly unknown[], manifest: Manifest): readonly FieldMapping[] {
  const parsed = z.array(fieldMappingSchema).max(maxFields).safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = ['mapping', ...(issue?.path ?? [])].join('.')
    throw new RequestProblem(
      400,
      'MAPPING_INVALID',
      `${where}: ${issue?.message ?? 'it is none'}`,
      'See a manifest’s mappings.',
    )
  }
  const keys = new Set(manifest.assets.map(({ key }) => key))
  for (const reference of parsed.data.flatMap(({ value }) => referencesIn(value))) {
    if (reference.type === 'key') continue
    const asset = reference.type === 'trait' ? reference.trait : reference.asset
    if (keys.has(asset)) continue
    throw new RequestProblem(
      400,
      'MAPPING_INVALID',
      `The mapping reads ${asset}, which is not deployed.`,
      'Deploy it first.',
    )
  }
  return parsed.data
}
