import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seal } from '../../../orchestrator/store/seal.ts'
import { type Member, syncWorld, type World } from '../activities.fixture.ts'
import { sealingKey } from './run-options.ts'
import { syncTables } from '../../../orchestrator/sql/sync-names.ts'

const members = (...ids: string[]): Member[] => ids.map((id) => ({ id, value: id.charCodeAt(0), tier: 'gold' }))
const tables = syncTables('traitline_shop', 'to_crm')

async function sentTo(world: World): Promise<string[]> {
  return (await world.applied()).map(({ key }) => key)
}

/** Sums of every sync run, by the record and by the warehouse, which agree. */
async function expectBalance(world: World): Promise<void> {
  const scope = { environment: 'test', project: 'shop' }
  const kept = await world.warehouse.query({ text: `select * from ${tables.schema}.sync_runs`, parameters: [] })
  for (const run of await world.store.syncs.list(scope, world.syncKey, 100)) {
    const { planned, sent, accepted, skipped, rejected, unknown } = run
    const { desired, added, changed, removed, unchanged, invalid, waiting = 0, left = 0 } = planned
    expect(accepted + skipped + rejected + unknown).toBe(sent)
    expect(added + changed + unchanged + invalid + waiting + left).toBe(desired)
    expect(sent).toBeLessThanOrEqual(added + changed + removed)
    const rows = kept.filter((row) => row['sync_run'] === run.syncRun)
    if (run.status === 'superseded' || run.endedAt === null) continue
    expect(rows).toHaveLength(1)
    const number = (name: string): number => Number(rows[0]?.[name])
    expect(number('frozen')).toBe(added + changed + removed)
    expect(number('sent') + number('unsent')).toBe(number('frozen'))
    expect(['sent', 'accepted', 'skipped', 'rejected', 'unknown'].map(number)).toEqual([
      sent,
      accepted,
      skipped,
      rejected,
      unknown,
    ])
  }
}

describe.each(['duckdb', 'postgres'] as const)('rejected rows on %s', (dialect) => {
  test('are kept with the reason, wait longer each time, and are tried at once when they change or are asked for', async () => {
    const world = await syncWorld({ dialect, mode: 'mirror' })
    world.define({ operations: { log: true } })
    await world.script({ idempotent: true, reject: ['b', 'c'] })
    await world.source(members('a', 'b', 'c'))
    expect(await world.run()).toMatchObject({ failure: null, summary: '1 sent, 2 rejected' })
    expect((await world.run()).summary).toBe('2 rejected')
    expect(await world.excepted()).toEqual(['b rejected REFUSED x2', 'c rejected REFUSED x2'])
    expect((await world.run()).summary).toBe('nothing to send, 2 rejected before wait')
    await world.source([...members('a', 'b'), { id: 'c', value: 1 }])
    expect((await world.run()).summary).toBe('1 rejected, 1 rejected before wait')
    expect(await world.excepted()).toEqual(['b rejected REFUSED x2', 'c rejected REFUSED x1'])
    world.later(11)
    expect((await world.run()).summary).toBe('2 rejected')
    world.later(11)
    // The third time that b was rejected it waits twice as long as the second.
    expect((await world.run()).summary).toBe('1 rejected, 1 rejected before wait')
    await world.script({ idempotent: true })
    expect((await world.run({ sync: { failed: true, code: 'OTHER' } })).summary).toBe(
      'nothing to send, 2 left for another run',
    )
    const asked = await world.run({ sync: { failed: true } })
    expect(asked.summary).toBe('2 sent')
    expect((await world.run()).outcome?.assets[0]?.status).toBe('fresh')
    expect(await world.excepted()).toEqual([])
    const log = await world.warehouse.query({
      text: `select fate, cast(count(*) as integer) as rows from ${tables.schema}.log_to_crm where key = 'b' group by fate order by fate`,
      parameters: [],
    })
    expect(log).toEqual([
      { fate: 'accepted', rows: 1 },
      { fate: 'rejected', rows: 3 },
    ])
    await expectBalance(world)
  })
})

test('what a mirror may not delete is rejected too, and a row that is as it was delivered is rejected no more', async () => {
  const world = await syncWorld({ mode: 'mirror' })
  await world.source(members('a', 'b', 'c'))
  await world.run()
  await world.script({ idempotent: true, reject: ['b', 'c'] })
  await world.source([{ id: 'b', value: 1 }, ...members('a')])
  expect((await world.run()).summary).toBe('2 rejected')
  expect((await world.run()).summary).toBe('2 rejected')
  expect((await world.run()).summary).toBe('nothing to send, 2 rejected before wait')
  await world.source(members('a', 'b', 'c'))
  expect((await world.run()).summary).toBe('nothing to send')
  expect(await world.excepted()).toEqual([])
  expect((await world.run()).outcome?.assets[0]?.status).toBe('fresh')
})

describe('a run may send only some', () => {
  test('rows: the others stay desired', async () => {
    const world = await syncWorld({ mode: 'upsert' })
    await world.source(members('a', 'b', 'c', 'd'))
    expect((await world.run({ sync: { limit: 1 } })).summary).toBe('1 sent, 3 left for another run')
    expect(await world.delivered()).toEqual(['a upsert'])
    expect((await world.run()).summary).toBe('3 sent')
    expect((await world.run()).outcome?.assets[0]?.status).toBe('fresh')
    await expectBalance(world)
  })

  test('of a round too, which is then sent as a whole', async () => {
    const world = await syncWorld({ mode: 'append' })
    await world.script({ idempotent: true, reject: ['b'] })
    await world.source(members('a', 'b', 'c'))
    expect((await world.run({ sync: { limit: 1 } })).summary).toBe('1 sent, 2 left for another run')
    expect((await world.run()).summary).toBe('2 sent, 1 rejected')
    expect((await world.run()).outcome?.assets[0]?.status).toBe('fresh')
    await world.script({ idempotent: true })
    expect((await world.run({ sync: { failed: true } })).summary).toBe('1 sent')
    expect((await world.run()).outcome?.assets[0]?.status).toBe('fresh')
    expect(await sentTo(world)).toEqual(['a', 'a', 'c', 'b'])
  })

  test('one, whose key nobody else can read', async () => {
    const world = await syncWorld({ mode: 'upsert' })
    await world.source(members('a', 'b', 'c'))
    await world.run({ sync: { limit: 1 } })
    const { signal } = new AbortController()
    const key = await sealingKey(world.warehouse, tables, signal)
    expect(await sealingKey(world.warehouse, tables, signal)).toBe(key)
    const sealed = seal('c', key)
    expect(sealed).not.toContain(Buffer.from('c').toString('base64').slice(0, 2) + '"c"')
    await world.store.results.put('row-1', { answer: {}, sealed })
    expect((await world.run({ sync: { sealedRow: 'row-1' } })).summary).toBe('1 sent, 1 left for another run')
    expect(await sentTo(world)).toEqual(['a', 'c'])
    expect((await world.run({ sync: { sealedRow: 'row-2' } })).failure?.code).toBe('SYNC_ROW_GONE')
  })
})

test('too many rejected rows fail the run, or pause the sync; what was accepted is delivered', async () => {
  const world = await syncWorld({ mode: 'upsert' })
  const scope = { environment: 'test', project: 'shop' }
  world.define({ operations: { rejects: { failAt: { rows: 0 }, pauseAt: { share: 0.5 } } } })
  await world.script({ idempotent: true, reject: ['b'] })
  await world.source(members('a', 'b', 'c'))
  expect((await world.run()).failure).toMatchObject({ code: 'SYNC_REJECTS', blame: 'user' })
  expect(await world.delivered()).toEqual(['a upsert', 'c upsert'])
  expect(await world.store.syncs.paused(scope)).toEqual([])
  expect((await world.run()).failure?.code).toBe('SYNC_REJECTS')
  const reason = '1 of 1 rows were rejected'
  expect(await world.store.syncs.paused(scope)).toMatchObject([{ sync: world.syncKey, by: 'rejects', reason }])
  // Paused after it was planned.
  await world.script({ idempotent: true })
  const steps = await world.begin(true)
  expect((await steps.freeze()).fresh).toBe(true)
  expect(await world.store.assets.outcomes(steps.input.run, [world.syncKey])).toMatchObject([
    { status: 'upstream_failed', reason: `it is paused (${reason})` },
  ])
  expect(await world.store.syncs.unpause(scope, world.syncKey)).toBe(true)
  expect((await world.run({ force: true })).summary).toBe('1 sent')
})

test('how much may be removed is the sync’s to say, and can be allowed once', async () => {
  const world = await syncWorld({ mode: 'mirror' })
  world.define({ operations: { guard: { share: 0.25, rows: 1 } } })
  await world.source(members('a', 'b', 'c', 'd'))
  await world.run()
  await world.source(members('a', 'b', 'c'))
  expect((await world.run()).summary).toBe('1 removed')
  await world.source(members('a'))
  expect((await world.run()).failure).toMatchObject({ code: 'SYNC_GUARD' })
  expect((await world.run({ sync: { allowRemovals: true } })).summary).toBe('2 removed')
  await world.source(members())
  expect((await world.run()).failure).toMatchObject({ code: 'SYNC_GUARD' })
})

test('whatever is rejected, limited, retried and killed: sums balance, and the destination gets everything', async () => {
  const ids = ['a', 'b', 'c', 'd', 'e']
  const step = fc.record({
    source: fc.dictionary(fc.constantFrom(...ids), fc.integer({ min: 0, max: 3 })),
    reject: fc.subarray(ids, { maxLength: 2 }),
    dieAtRandom: fc.constantFrom(0, 0.5),
    seed: fc.nat(),
    batch: fc.integer({ min: 1, max: 3 }),
    stats: fc.constantFrom('detailed', 'counts'),
    minutes: fc.constantFrom(0, 15),
    sync: fc.constantFrom({}, { limit: 1 }, { failed: true }, { limit: 2, failed: true }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 5 }), async (history) => {
      const world = await syncWorld({ mode: 'mirror' })
      const of = (source: Record<string, number>): Member[] =>
        Object.entries(source).map(([id, value]) => ({ id, value, tier: 'gold' }))
      for (const { source, minutes, sync, ...script } of history) {
        await world.source(of(source))
        await world.script({ ...script, idempotent: true })
        world.later(minutes)
        const { failure } = await world.run({ attempts: 1, sync: { ...sync, allowRemovals: true } })
        expect(failure === null || failure.code.startsWith('CONNECTOR_'), failure?.message).toBe(true)
        await expectBalance(world)
      }
      const source = history.at(-1)?.source ?? {}
      await world.script({ idempotent: true })
      world.later(10_000)
      expect((await world.run({ sync: { allowRemovals: true } })).failure).toBeNull()
      const held = Object.entries(await world.destination()).map(([id, data]) => [id, data['lifetime_value']])
      expect(Object.fromEntries(held)).toEqual(source)
      expect(await world.excepted()).toEqual([])
      expect((await world.run()).outcome?.assets[0]?.status).toBe('fresh')
      await expectBalance(world)
    }),
    { numRuns: 3, endOnFailure: true },
  )
}, 180_000)
