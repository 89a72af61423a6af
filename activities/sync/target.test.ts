import { describe, expect, test } from 'vitest'
import type { DestinationSpec, JsonObject, Manifest } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import { manifestIndex } from '../runtime/index.ts'
import { type Member, syncWorld } from './activities.fixture.ts'
import { movedSyncs } from './moved.ts'
import { isPrintOf, printOf, targetOf } from './target.ts'

const members = (...ids: string[]): Member[] => ids.map((id, index) => ({ id, value: 10 + index, tier: 'gold' }))

describe('a place', () => {
  const crm = (config: JsonObject, env: Record<string, string> = {}, stream = 'customers', version = '1') => {
    const connector = { type: 'pypi', package: 'destination-crm', version } as const
    const destination: DestinationSpec = { name: 'crm', connector, config, streams: [], definedAt: null }
    return targetOf(destination, { name: stream }, (name) => env[name])
  }
  const byUrl = (url: string) => crm({ url: { $env: 'CRM_URL' }, schema: 'public' }, { CRM_URL: url })
  const print = printOf(byUrl('postgres://me:planted@db.example:5432/crm'))

  test('is the same with another password, user, option of the connection or version of the program', () => {
    expect(isPrintOf(print, byUrl('postgresql://you:other@db.example:5432/crm?sslmode=require'))).toBe(true)
    const secret = (password: string) => crm({ host: 'h', password, credentials: { client_id: password } })
    expect(isPrintOf(printOf(secret('a')), secret('b'))).toBe(true)
    expect(isPrintOf(printOf(crm({ host: 'h' })), crm({ host: 'h' }, {}, 'customers', '2'))).toBe(true)
    expect(JSON.stringify(byUrl('postgres://me:planted@db.example/crm'))).not.toContain('planted')
  })

  test('on this machine is the same with another port, which may differ with each start', () => {
    const local = printOf(byUrl('postgres://me:planted@127.0.0.1:5432/crm'))
    expect(isPrintOf(local, byUrl('postgres://me:planted@localhost:40001/crm'))).toBe(true)
    expect(isPrintOf(local, byUrl('postgres://me:planted@127.0.0.1:5432/other'))).toBe(false)
    expect(isPrintOf(print, byUrl('postgres://me:planted@db.example:5433/crm'))).toBe(false)
  })

  test('is another one with another host, database, stream or setting', () => {
    expect(isPrintOf(print, byUrl('postgres://me:planted@db2.example:5432/crm'))).toBe(false)
    expect(isPrintOf(print, byUrl('postgres://me:planted@db.example:5432/other'))).toBe(false)
    const base = printOf(crm({ schema: 'public' }))
    expect(isPrintOf(base, crm({ schema: 'elsewhere' }))).toBe(false)
    expect(isPrintOf(base, crm({ schema: { $env: 'S' } }, { S: 'public' }))).toBe(true)
    expect(isPrintOf(base, crm({ schema: 'public' }, {}, 'people'))).toBe(false)
  })
})

test('planning knows a sync whose environment sends it elsewhere, and no other', async () => {
  const key = 'sync/to_crm'
  const config = { url: { $env: 'CRM_URL' } }
  const connector = { type: 'builtin', name: 'postgres' } as const
  const destination: DestinationSpec = { name: 'crm', connector, config, streams: [], definedAt: null }
  const manifest = {
    entities: [],
    destinations: [destination],
    assets: [
      { kind: 'sync', key, destination: 'crm', stream: 'customers' },
      { kind: 'audience', key: 'audience/loyal' },
    ],
  } as unknown as Manifest
  const env = (url: string) => () => url
  const print = printOf(targetOf(destination, { name: 'customers' }, env('postgres://me:a@db/crm')))
  const moved = async (url: string, known: Record<string, string>) => {
    const store = { syncs: { targets: () => Promise.resolve(known) } } as unknown as Store
    const scope = { environment: 'test', project: 'shop' }
    return [...(await movedSyncs(store, scope, manifestIndex(manifest), [key, 'audience/loyal'], env(url)))]
  }
  expect(await moved('postgres://me:b@db/crm', { [key]: print })).toEqual([])
  expect(await moved('postgres://me:a@other/crm', { [key]: print })).toEqual([key])
  expect(await moved('postgres://me:a@other/crm', {})).toEqual([])
})

test('upsert: what goes elsewhere is sent whole, though nothing changed at the source', async () => {
  const world = await syncWorld({ mode: 'upsert' })
  await world.source(members('a', 'b'))
  await world.run()
  world.define({ config: { schema: 'elsewhere' } })
  const { summary, run } = await world.run()
  expect(summary).toBe('2 sent')
  const planned = (await world.store.events.after(0, { run }, 100)).find(({ type }) => type === 'sync_planned')
  expect(planned?.data).toMatchObject({ targetChanged: true, added: 2 })
  expect((await world.run()).outcome?.assets[0]?.status).toBe('fresh')
})

test.each(['mirror', 'insert', 'append'] as const)(
  '%s: it stops before anything is sent, and starts anew where that is allowed',
  async (mode) => {
    const world = await syncWorld({ mode })
    await world.source(members('a', 'b'))
    await world.run()
    world.define({ stream: 'people' })
    await world.source(members('b', 'c'))
    const { failure } = await world.run()
    expect(failure).toMatchObject({ code: 'SYNC_TARGET_CHANGED', blame: 'user' })
    expect(failure?.message).toContain('customers of crm')
    expect(failure?.hint).toContain('traitline materialize sync/to_crm --force')
    expect(await world.applied()).toHaveLength(2)
    // Nothing is claimed to be removed where it was never sent.
    expect((await world.run({ force: true })).summary).toBe('2 sent')
    expect((await world.applied()).slice(2).map(({ operation }) => operation)).not.toContain('delete')
    world.define({ stream: 'customers' })
    expect((await world.run()).failure?.code).toBe('SYNC_TARGET_CHANGED')
  },
)

test('a mirror that has delivered nothing yet goes wherever it is pointed', async () => {
  const world = await syncWorld({ mode: 'mirror' })
  await world.source([])
  await world.run()
  world.define({ stream: 'people' })
  await world.source(members('a'))
  expect((await world.run()).summary).toBe('1 sent')
})
