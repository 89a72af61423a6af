import { describe, expect, test } from 'vitest'
import type { SyncRequest } from '../../orchestrator/contract/index.ts'
import { type Member, syncWorld, type World } from './activities.fixture.ts'

const members = (...ids: string[]): Member[] => ids.map((id, index) => ({ id, value: 10 + index, tier: 'gold' }))

async function ask(world: World, request: SyncRequest): Promise<void> {
  const { environment, project } = (await world.begin()).input
  await world.store.syncs.request({ environment, project }, world.syncKey, 'audience/loyal', request)
}

const sent = async (world: World, from = 0): Promise<string[]> =>
  (await world.applied()).slice(from).map(({ operation, key }) => `${operation} ${key}`)

describe('asked for once', () => {
  test('adopt takes what is there for delivered; what leaves then is taken away', async () => {
    const world = await syncWorld({ mode: 'mirror' })
    await world.source(members('a', 'b', 'c'))
    await ask(world, 'adopt')
    expect((await world.run()).summary).toBe('nothing to send')
    expect([await sent(world), await world.delivered()]).toEqual([[], ['a upsert', 'b upsert', 'c upsert']])
    expect((await world.run()).outcome?.assets[0]?.status).toBe('fresh')
    await world.source(members('a', 'b'))
    expect((await world.run()).summary).toBe('1 removed')
    expect(await sent(world)).toEqual(['delete c'])
  })

  test('resync sends everything and still takes away what left; a run that is cut off loses none of it', async () => {
    const world = await syncWorld({ mode: 'mirror' })
    await world.source(members('a', 'b', 'c', 'd'))
    await world.run()
    await world.source(members('a', 'b', 'c'))
    await ask(world, 'resync')
    await world.script({ idempotent: true, batch: 2, dieBeforeAcknowledging: 2 })
    expect((await world.run({ attempts: 1 })).failure?.blame).toBe('connector')
    await world.script({ idempotent: true, batch: 2 })
    expect((await world.run()).failure).toBeNull()
    expect(new Set(await sent(world, 4))).toEqual(new Set(['delete d', 'upsert a', 'upsert b', 'upsert c']))
    expect(await world.delivered()).toEqual(['a upsert', 'b upsert', 'c upsert'])
    const before = (await world.applied()).length
    await world.source(members('a', 'b', 'c'))
    expect((await world.run()).summary).toBe('nothing to send')
    expect(await sent(world, before)).toEqual([])
  })

  test('forget lets go of what left, and leaves it where it is; it is due although nothing is new to read', async () => {
    const world = await syncWorld({ mode: 'upsert' })
    await world.source(members('a', 'b'))
    await world.run()
    await world.source(members('a'))
    await world.run()
    expect(await world.delivered()).toEqual(['a upsert', 'b upsert'])
    await ask(world, 'forget')
    expect((await world.run()).summary).toBe('nothing to send')
    expect(await world.delivered()).toEqual(['a upsert'])
    expect(Object.keys(await world.destination())).toEqual(['a', 'b'])
  })
})

test('lists have members: added, added again when they change, and taken away when they leave', async () => {
  const world = await syncWorld({ mode: 'members' })
  await world.source(members('a', 'b'))
  await world.run()
  await world.source([
    { id: 'a', value: 99 },
    { id: 'c', value: 1 },
  ])
  expect((await world.run()).summary).toBe('2 sent, 1 removed')
  expect(await sent(world, 2)).toEqual(['remove b', 'add a', 'add c'])
  expect(await world.delivered()).toEqual(['a add', 'c add'])
})
