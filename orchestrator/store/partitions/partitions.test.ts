import { Client } from 'pg'
import { expect, test } from 'vitest'
import type { AssetKey, RunPlan, StepInput } from '../../contract/index.ts'
import { openPartitioning } from '../../graph/index.ts'
import { diffOf, freshStore, manifestOf, scope } from '../../../test/store/fresh-store.ts'
import type { PartitionMaterialization, Store } from '../store.ts'

const key: AssetKey = 'trait/visits'
const days = ['2026-01-01', '2026-01-02', '2026-01-03']
const place = (partition: string) => ({ partition, position: Date.parse(partition) })
const made = (partition: string, dataVersion = `v:${partition}`): PartitionMaterialization => ({
  ...place(partition),
  codeVersion: 'c1',
  dataVersion,
  upstream: { 'source/events': 'e' },
  warehouse: 'w',
  rows: 2,
  startedAt: new Date().toISOString(),
  durationMs: 5,
  failedChecks: [],
})

async function deployed(): Promise<{
  store: Store
  url: string
  begin(run: string, partitions?: string[]): Promise<StepInput>
}> {
  const { store, url } = await freshStore()
  const manifest = manifestOf([key, 'audience/a'])
  await store.revisions.deploy({ scope, manifest, manifestHash: 'h', diff: diffOf([key]), deployedBy: null })
  return {
    store,
    url,
    async begin(run, partitions = days) {
      const assets = partitions.map((partition) => ({ key, partition, reasons: [], deps: [] }))
      const step = { id: `${key}/x`, workflow: 'materializeTrait' as const, assets, after: [] }
      const plan: RunPlan = { steps: [step], fresh: [] }
      await store.runs.create({
        scope,
        run,
        revision: 1,
        selection: key,
        targets: [key],
        force: false,
        partitions: 'all',
      })
      await store.runs.savePlan(run, plan)
      return { ...scope, run, revision: 1, warehouseQueue: 'w', force: false, step }
    },
  }
}

test('partitions are planned, made and recorded once a run, and the run tells of them', async () => {
  const { store, begin } = await deployed()
  const input = await begin('r1')
  expect(await store.runs.assets('r1')).toMatchObject([{ asset: key, status: 'planned', partitions: 3 }])
  const started = await store.partitions.start(input, key, days.map(place), 1)
  expect(started).toEqual({ recorded: [], states: new Map() })
  expect(await store.partitions.counts(scope, key)).toMatchObject({ running: 3, materialized: 0, made: 0 })

  const outcomes = await store.partitions.record(input, key, [made(days[0]!), made(days[1]!)])
  expect(outcomes).toMatchObject([
    { asset: key, partition: days[0], status: 'materialized', dataVersion: `v:${days[0]}`, rows: 2 },
    { partition: days[1] },
  ])
  expect(await store.partitions.record(input, key, [made(days[0]!, 'other')])).toEqual([outcomes[0]])
  const again = await store.partitions.start(input, key, days.map(place), 2)
  expect(again.recorded).toHaveLength(2)
  expect(again.states.get(days[0]!)).toMatchObject({
    latest: { dataVersion: `v:${days[0]}`, upstream: { 'source/events': 'e' } },
    lastAttempt: 'succeeded',
  })
  const failure = { code: 'BROKEN', message: 'it is broken', hint: 'mend it', blame: 'user' } as const
  await store.partitions.recordOutcomes(scope, 'r1', [
    { asset: key, partition: days[2], status: 'failed', failure },
    { asset: key, partition: days[0], status: 'cancelled' },
  ])
  expect(await store.partitions.outcomes('r1', key, days)).toMatchObject([
    { status: 'materialized' },
    { status: 'materialized' },
    { status: 'failed', failure },
  ])
  expect(await store.partitions.counts(scope, key)).toEqual({
    ...{ running: 0, materialized: 2, failed: 1, upstream_failed: 0, cancelled: 0, made: 2, failing: 0 },
  })
  await store.runs.finish('r1', 'failed', null)
  expect(await store.runs.get('r1')).toMatchObject({ counts: { materialized: 2, failed: 1 }, partitions: 'all' })
  expect(await store.runs.assets('r1')).toMatchObject([
    { status: 'failed', summary: '2 partitions, 1 failed', failure },
  ])
  expect(await store.assets.status(scope, key)).toMatchObject({ status: 'failed', failure })
  const events = await store.events.after(0, { scope, asset: key }, 100)
  expect(events.filter(({ type }) => type === 'asset_materialized').map(({ data }) => data['partition'])).toEqual([
    days[0],
    days[1],
  ])
})

test('a run that ends leaves no partition that looks as if it ran', async () => {
  const { store, begin } = await deployed()
  const input = await begin('r1')
  await store.partitions.start(input, key, [place(days[0]!)], 1)
  await store.runs.finish('r1', 'cancelled', null)
  expect(await store.partitions.counts(scope, key)).toMatchObject({ running: 0, cancelled: 1 })
  expect(await store.runs.get('r1')).toMatchObject({ counts: { cancelled: 3 } })
  expect(await store.partitions.ofRun('r1', { limit: 10, offset: 0 })).toMatchObject(
    days.map((partition) => ({ partition, status: 'cancelled' })),
  )
})

test('the version of the whole follows every partition, that of the latest the latest alone; equal content, equal version', async () => {
  const { store, begin } = await deployed()
  const versions = async () => {
    const { latest } = (await store.assets.states(scope, [key]))[key]!
    return [latest?.wholeVersion, latest?.dataVersion]
  }
  const record = async (run: string, ...each: PartitionMaterialization[]) => {
    await store.partitions.record(
      await begin(
        run,
        each.map(({ partition }) => partition),
      ),
      key,
      each,
    )
    return versions()
  }
  const [whole1, latest1] = await record('r1', made(days[0]!), made(days[1]!))
  const [whole2, latest2] = await record('r2', made(days[0]!, 'changed'))
  expect(whole2).not.toBe(whole1)
  expect(latest2).toBe(latest1)
  expect(await record('r3', made(days[0]!))).toEqual([whole1, latest1])
  const [whole4, latest4] = await record('r4', made(days[2]!))
  expect(latest4).not.toBe(latest1)
  const [, latest5] = await record('r5', made(days[2]!, 'changed'))
  expect(latest5).not.toBe(latest4)
  expect(await record('r6', made(days[2]!), made(days[1]!))).toEqual([whole4, latest4])
})

test('steps of one asset that record at once add up', async () => {
  const { store, begin } = await deployed()
  const many = Array.from({ length: 200 }, (_, at) => new Date(Date.UTC(2026, 0, 1 + at)).toISOString().slice(0, 10))
  const input = await begin('r1', many)
  const chunks = Array.from({ length: 20 }, (_, at) => many.slice(at * 10, at * 10 + 10))
  await Promise.all(
    chunks.flatMap((chunk) => [
      store.partitions.start(input, key, chunk.map(place), 1),
      store.partitions.record(
        input,
        key,
        chunk.map((partition) => made(partition)),
      ),
      store.partitions.record(
        input,
        key,
        [...chunk].reverse().map((partition) => made(partition)),
      ),
    ]),
  )
  expect(await store.partitions.counts(scope, key)).toMatchObject({ materialized: 200, running: 0, made: 200 })
})

test('keys of dynamic dimensions are added once, in their order', async () => {
  const { store } = await deployed()
  expect(await store.partitions.addKeys(scope, 'shops', ['b', 'a'])).toBe(2)
  expect(await store.partitions.addKeys(scope, 'shops', ['c', 'a'])).toBe(1)
  expect(await store.partitions.keys(scope, 'shops')).toEqual(['b', 'a', 'c'])
  expect(await store.partitions.removeKeys(scope, 'shops', ['b', 'x'])).toBe(1)
  expect(await store.partitions.keys(scope, 'shops')).toEqual(['a', 'c'])
})

// How long it takes with 200,000 is in bench/partitions.
test('many partitions are counted, paged, read as runs and recorded again', async () => {
  const { store, url, begin } = await deployed()
  await begin('r0', ['x'])
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(`
    insert into traitline.asset_partition (asset_id, partition, position, status, data_version, code_version, upstream, warehouse)
    select (select id from traitline.asset where key = '${key}'), to_char(at, 'YYYY-MM-DD"T"HH24:00'), extract(epoch from at) * 1000,
      case when n % 1000 = 0 then 'failed' else 'materialized' end, 'v:' || n, 'c1', '{}', 'w'
    from generate_series(1, 20000) n, lateral (select timestamp '2003-01-01' + n * interval '1 hour' as at) at`)
  await client.query('analyze traitline.asset_partition')
  await client.end()
  expect(await store.partitions.counts(scope, key)).toMatchObject({
    materialized: 19_980,
    failed: 20,
  })
  const middle = { partition: '2004-01-01T00:00', position: Date.parse('2004-01-01T00:00Z') }
  expect(await store.partitions.page(scope, key, { limit: 100, after: middle })).toHaveLength(100)
  expect(await store.partitions.page(scope, key, { limit: 100, status: 'failed' })).toHaveLength(20)
  const hourly = { type: 'time', name: 'hour', every: 'hour', start: '2003-01-01T01:00', end: null } as const
  const numbered = openPartitioning(
    { dimensions: [{ ...hourly, timeZone: 'UTC', offsetMinutes: 0 }] },
    { now: Date.parse('2026-01-01'), dynamic: {} },
  )
  expect(await store.partitions.runs(scope, key, numbered)).toHaveLength(40)
  const hours = (await store.partitions.page(scope, key, { limit: 100 })).map(({ partition }) => partition)
  expect((await store.partitions.states(scope, key, hours)).size).toBe(100)
  const input = await begin('r1', hours)
  const again = hours.map((partition) => ({ ...made(partition), position: Date.parse(`${partition}Z`) }))
  expect(await store.partitions.record(input, key, again)).toHaveLength(100)
  expect(await store.partitions.counts(scope, key)).toMatchObject({ materialized: 19_980, failed: 20 })
})
