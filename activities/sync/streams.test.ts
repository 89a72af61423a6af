import { expect, test } from 'vitest'
import type { SyncStreamSpec } from '../../orchestrator/contract/index.ts'
import { readAcknowledgement } from './acknowledge.ts'
import { syncWorld } from './activities.fixture.ts'

const key = { field: 'customer_id', value: { type: 'key' } } as const
const value = { field: 'lifetime_value', value: { type: 'trait', trait: 'trait/lifetime_value' } } as const
const event: SyncStreamSpec = {
  ...{ stream: 'people', mode: 'append' },
  mapping: [key, value, { field: 'tier', value: { type: 'constant', value: 'became loyal' } }],
}
const members = ['a', 'b', 'c'].map((id, at) => ({ id, value: at, tier: 'gold' }))

test('each row goes to all of its streams; what is removed only where its mode removes', async () => {
  const world = await syncWorld({ mode: 'mirror', also: [event] })
  await world.script({ idempotent: true, batch: 4 })
  await world.source(members)
  expect((await world.run()).summary).toBe('3 sent')
  const told = (await world.applied()).map(
    ({ operation, key: id, data }) => `${operation} ${id} ${String(data['tier'])}`,
  )
  // A batch has at most as many records as the destination wants: two rows of two streams.
  expect(told).toEqual([
    ...['upsert a gold', 'upsert b gold', 'append a became loyal', 'append b became loyal'],
    ...['upsert c gold', 'append c became loyal'],
  ])
  await world.source(members.slice(1))
  await world.run({ force: true })
  expect((await world.applied()).slice(6).map(({ operation, key: id }) => `${operation} ${id}`)).toEqual(['delete a'])
  expect(await world.delivered()).toEqual(['b upsert', 'c upsert'])
})

test.each(['detailed', 'counts'] as const)(
  'a row that one of its streams rejects is rejected once, told by %s, and sent to all again',
  async (stats) => {
    const world = await syncWorld({ mode: 'upsert', also: [event] })
    await world.script({ idempotent: true, stats, reject: ['b'] })
    await world.source(members)
    expect((await world.run()).summary).toContain('2 sent, 1 rejected')
    expect(await world.delivered()).toEqual(['a upsert', 'c upsert'])
    await world.script({ idempotent: true, stats })
    const before = (await world.applied()).length
    await world.run()
    const again = (await world.applied()).slice(before).map(({ operation, key: id }) => `${operation} ${id}`)
    expect(again).toEqual(['upsert b', 'append b'])
  },
)

test('a row that cannot be rendered for one stream goes to none', async () => {
  const broken: SyncStreamSpec = {
    ...event,
    mapping: [key, { field: 'lifetime_value', value: { type: 'constant', value: 'no number' } }],
  }
  const world = await syncWorld({ mode: 'upsert', also: [broken] })
  await world.source(members)
  expect((await world.run()).summary).toContain('3 rejected')
  expect(await world.applied()).toEqual([])
})

test('an append beside an upsert is never sent again blindly', async () => {
  const world = await syncWorld({ mode: 'upsert', also: [event] })
  await world.script({ idempotent: false, dieBeforeAcknowledging: 1 })
  await world.source(members)
  await world.run({ attempts: 2 })
  expect((await world.applied()).filter(({ operation }) => operation === 'append')).toHaveLength(3)
})

test('only the sync’s own stream says that a row was skipped', () => {
  const issue = (ordinal: number) => ({ ordinal, code: 'X', message: 'x' })
  const ack = {
    ...{ batch: 1, detailed: true, recordCount: null, rejectedRecordCount: 1 },
    ...{ rejected: [issue(2)], skipped: [issue(0), issue(3)] },
  }
  expect(readAcknowledgement(ack, [7, 8, 7, 8], false, 2)).toMatchObject({
    exceptions: [{ ordinal: 7, fate: 'rejected' }],
  })
})
