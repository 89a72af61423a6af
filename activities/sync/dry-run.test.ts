import { expect, test } from 'vitest'
import type { SyncDryRun, SyncDryRunInput, SyncSamples } from '../../orchestrator/contract/index.ts'
import { sealedBox } from '../../orchestrator/main/sealed.ts'
import { quietEnvironment } from '../../test/harness/activity.ts'
import { syncWorld, type World } from './activities.fixture.ts'
import { createDryRunActivities } from './dry-run.ts'

const plain = (text: string) => ({ text, parameters: [] })

async function dryRun(world: World, more: Partial<SyncDryRunInput> = {}) {
  const { dryRunSync } = createDryRunActivities(world.deps())
  const input: SyncDryRunInput = {
    ...{ environment: 'test', project: 'shop', id: 'asked', revision: 1, sync: world.syncKey },
    ...{ warehouseQueue: 'w', samples: 5, ...more },
  }
  await quietEnvironment().run(dryRunSync, input)
  const { answer, sealed } = (await world.store.results.get('asked'))!
  return { answer: answer as SyncDryRun, sealed }
}

/** All that a sync keeps in the warehouse and in the record, to be compared. */
async function kept(world: World): Promise<string> {
  const tables = await world.warehouse.query(
    plain(
      "select table_schema as s, table_name as t from information_schema.tables where table_schema like 'traitline_shop%' order by 1, 2",
    ),
  )
  const contents = await Promise.all(
    tables.map(async ({ s, t }) => [
      s,
      t,
      await world.warehouse.query(plain(`select * from "${String(s)}"."${String(t)}" order by 1`)),
    ]),
  )
  const scope = { environment: 'test', project: 'shop' }
  const journal = await world.store.syncs.list(scope, world.syncKey, 99)
  return JSON.stringify([contents, journal, await world.store.events.lastSequence()])
}

test.each(['duckdb', 'postgres'] as const)(
  'tells what would be added, changed and removed, by field, in %s; ledger, journal and destination stay as they are',
  async (dialect) => {
    const world = await syncWorld({ mode: 'mirror', dialect })
    await world.source([
      { id: 'a@canary.example', value: 1, tier: 'gold' },
      { id: 'b', value: 2, tier: 'gold' },
      { id: 'c', value: 3, tier: null },
    ])
    const before = await dryRun(world)
    expect(before.answer.counts).toEqual({ desired: 3, added: 3, changed: 0, removed: 0, unchanged: 0, invalid: 0 })
    await world.run()

    await world.source([
      { id: 'a@canary.example', value: 1, tier: 'silver' },
      { id: 'b', value: 2.001, tier: 'gold' },
      { id: 'd', value: 9, tier: 'gold' },
      { id: null, value: 1, tier: 'gold' },
    ])
    const untouched = await kept(world)
    const applied = await world.applied()
    const { answer } = await dryRun(world)
    expect(answer).toMatchObject({
      counts: { desired: 4, added: 1, changed: 1, removed: 1, unchanged: 1, invalid: 1 },
      ...{ mappingChanged: false, targetChanged: false, unsettled: 0, stopped: null, masked: true },
      ...{ comparable: 1, changedColumns: { tier: 1, lifetime_value: 0 } },
      samples: {
        added: [{ key: '***', fields: [{ after: '***' }, { after: '***' }, { after: '***' }] }],
        changed: [{ key: '***', fields: [{ field: 'tier', before: '***', after: '***' }] }],
        removed: [{ key: '***', fields: [{ field: 'customer_id', before: '***' }] }],
      },
    })
    expect(JSON.stringify(answer)).not.toContain('canary')

    const box = sealedBox()
    const revealed = await dryRun(world, { publicKey: box.publicKey })
    expect(JSON.stringify(revealed)).not.toContain('canary')
    const samples = JSON.parse(box.open(revealed.sealed!)) as SyncSamples
    expect(samples.changed).toEqual([
      { key: 'a@canary.example', rejected: null, fields: [{ field: 'tier', before: 'gold', after: 'silver' }] },
    ])
    expect(samples.removed).toEqual([{ key: 'c', rejected: null, fields: [{ field: 'customer_id', before: 'c' }] }])
    expect(() => sealedBox().open(revealed.sealed!)).toThrow()

    expect(await kept(world)).toBe(untouched)
    expect(await world.applied()).toEqual(applied)
    // And a run does just that.
    expect((await world.run()).summary).toBe('2 sent, 1 removed, 1 invalid')
    expect((await dryRun(world)).answer.counts).toMatchObject({ added: 0, changed: 0, removed: 0 })
  },
)

test('says that a run would stop, where most of what was delivered has gone', async () => {
  const world = await syncWorld({ mode: 'mirror' })
  await world.source(Array.from({ length: 20 }, (_, at) => ({ id: `u${at}`, value: at, tier: 'gold' })))
  await world.run()
  await world.source([{ id: 'u1', value: 1, tier: 'gold' }])
  const { answer } = await dryRun(world, { samples: 3 })
  expect(answer.counts).toMatchObject({ removed: 19 })
  expect(answer.samples.removed).toHaveLength(3)
  expect(answer.stopped).toMatchObject({ code: 'SYNC_GUARD' })
})

test('an append that has sent all there is to read would send nothing; with more, everything', async () => {
  const world = await syncWorld({ mode: 'append' })
  await world.source([{ id: 'a', value: 1, tier: 'gold' }])
  await world.run()
  expect((await dryRun(world)).answer.counts).toMatchObject({ added: 0 })
  await world.source([
    { id: 'a', value: 1, tier: 'gold' },
    { id: 'b', value: 1, tier: 'gold' },
  ])
  expect((await dryRun(world)).answer.counts).toMatchObject({ added: 2 })
})
