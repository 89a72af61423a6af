import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServerParts } from '../../test/recorded/open.ts'
import { recordStory } from '../../test/recorded/story.ts'
import type { Launcher } from '../launch/index.ts'
import type { Plan, StartedSyncRun, SyncState } from './api.ts'
import { createServer, type TraitlineServer } from './index.ts'

let parts: Awaited<ReturnType<typeof openServerParts>>
let server: TraitlineServer
const started: Parameters<Launcher['startRun']>[0][] = []
const sealed: string[] = []

beforeAll(async () => {
  parts = await openServerParts()
  await recordStory(parts.options.store, parts.databaseUrl)
  const launcher = {
    ...parts.options.launcher,
    startRun: (input: (typeof started)[number]) => {
      started.push(input)
      return Promise.resolve({ run: 'r1', workflowId: 'w' })
    },
    sealRow: ({ row }: { readonly row: string }) => {
      sealed.push(row)
      return Promise.resolve('sealed-1')
    },
  }
  server = createServer({ ...parts.options, launcher })
})
afterAll(async () => {
  await server.close()
  await parts.close()
})

const sync = 'sync/at_risk_to_crm'
const at = `/api/v1/syncs/${encodeURIComponent(sync)}`

async function ask<T>(method: string, path: string, body?: object): Promise<[number, T]> {
  const response = await server.app.request(path, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  return [response.status, (await response.json()) as T]
}

test('a paused sync says why, in its state and in plans, and is not run until it goes on', async () => {
  const pause = { reason: 'the CRM moves' }
  expect(await ask('PUT', `${at}/pause`, pause)).toMatchObject([200, { paused: { by: 'user', ...pause } }])
  expect(await ask('PUT', `${at}/pause`, { reason: 'again' })).toMatchObject([200, { paused: pause }])
  const [, plan] = await ask<Plan>('POST', '/api/v1/plan', { selection: sync, force: true })
  const [planned] = plan.steps.flatMap((step) => step.assets)
  expect(planned).toMatchObject({
    prospect: 'blocked',
    blocked: { upstream: sync, text: 'it is paused: the CRM moves' },
  })
  expect(await ask('POST', `${at}/runs`, {})).toMatchObject([409, { code: 'SYNC_PAUSED' }])
  expect((await ask<SyncState>('DELETE', `${at}/pause`))[1].paused).toBeNull()
  expect((await ask<SyncState>('GET', at))[1]).toMatchObject({ sync, paused: null })
  const told = await parts.options.store.events.after(0, { asset: sync }, 500)
  expect(told.map(({ type }) => type).filter((type) => type.includes('pause'))).toEqual([
    'sync_paused',
    'sync_unpaused',
  ])
})

test('a sample, rejected rows or one row can be asked for; the key of the row is passed on sealed', async () => {
  expect(await ask<StartedSyncRun>('POST', `${at}/runs`, { limit: 5 })).toEqual([202, { run: 'r1', sync }])
  await ask('POST', `${at}/runs`, { failed: true, code: 'REFUSED' })
  await ask('POST', `${at}/runs`, { row: 'ada@example.com' })
  expect(started.map((run) => run.sync)).toEqual([
    { limit: 5 },
    { failed: true, code: 'REFUSED' },
    { sealedRow: 'sealed-1' },
  ])
  expect(started.every(({ targets }) => targets[0] === sync)).toBe(true)
  expect(sealed).toEqual(['ada@example.com'])
  expect(JSON.stringify(started)).not.toContain('ada@')
  expect((await ask('POST', `${at}/runs`, { limit: 0 }))[0]).toBe(400)
  expect((await ask('GET', '/api/v1/syncs/trait%2Forders'))[0]).toBe(404)
})
