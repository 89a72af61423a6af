import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServerParts } from '../../test/recorded/open.ts'
import { recordStory } from '../../test/recorded/story.ts'
import type { PreviewRequest, SyncPreview } from '../contract/index.ts'
import { createServer, type TraitlineServer } from './index.ts'

const sync = 'sync/at_risk_to_crm' as const
const answer: SyncPreview = { sync, revision: 2, stream: 's', rows: [], masked: true }

let parts: Awaited<ReturnType<typeof openServerParts>>
let server: TraitlineServer
const asked: PreviewRequest[] = []
beforeAll(async () => {
  parts = await openServerParts()
  await recordStory(parts.options.store, parts.databaseUrl)
  server = createServer({
    ...parts.options,
    launcher: {
      ...parts.options.launcher,
      previewSync: ({ preview }) => {
        asked.push(preview)
        return Promise.resolve({ answer, sealed: null })
      },
    },
  })
})
afterAll(async () => {
  await server.close()
  await parts.close()
})

async function preview(body: unknown, key: string = sync) {
  const response = await server.app.request(`/api/v1/syncs/${encodeURIComponent(key)}/preview`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

test('a worker is asked for rows, with the deployed mapping or the one in the request', async () => {
  const mapping = [
    { field: 'email', value: { type: 'coalesce', values: [{ type: 'key' }, { type: 'constant', value: '' }] } },
  ]
  expect(await preview({})).toMatchObject({ status: 200, body: answer })
  expect(await preview({ rows: 2, mapping })).toMatchObject({ status: 200 })
  expect(asked).toEqual([{ rows: 5 }, { rows: 2, mapping }])
})

test.each([
  [{ rows: 1_000 }, 400, 'REQUEST_INVALID', sync],
  [{ mapping: [{ field: 'x', value: { type: 'nope' } }] }, 400, 'MAPPING_INVALID', sync],
  [{ mapping: [{ field: 'x', value: { type: 'trait', trait: 'trait/nope' } }] }, 400, 'MAPPING_INVALID', sync],
  [{}, 404, 'NOT_A_SYNC', 'trait/value_tier'],
] as const)('%j is refused', async (body, status, code, key) => {
  expect(await preview(body, key)).toMatchObject({ status, body: { code } })
})
