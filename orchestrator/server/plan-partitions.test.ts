import { Client } from 'pg'
import { expect, test } from 'vitest'
import { diffOf, freshStore, manifestOf, scope, stepInput } from '../../test/store/fresh-store.ts'
import type { AssetKey, AssetSpec, PartitionMappings, PartitionsSpec, PreviewAsset } from '../contract/index.ts'
import { buildGraph } from '../graph/index.ts'
import { readPlan } from './index.ts'

const days: PartitionsSpec = {
  dimensions: [
    { type: 'time', name: 'day', every: 'day', start: '2026-01-01', end: null, timeZone: 'UTC', offsetMinutes: 0 },
  ],
}
const hours: PartitionsSpec = {
  dimensions: [
    { type: 'time', name: 'hour', every: 'hour', start: '2000-01-01', end: null, timeZone: 'UTC', offsetMinutes: 0 },
  ],
}
const visits: AssetKey = 'trait/visits'
const doubled: AssetKey = 'trait/doubled'
const ever: AssetKey = 'audience/ever'
const counted: AssetKey = 'trait/counted'
const asOf = '2026-02-01T00:00:00Z'
const reads = (key: AssetKey, rule: PartitionMappings[AssetKey][string]): Partial<AssetSpec> => ({
  deps: [key],
  mappings: { [key]: { day: rule } },
})
const extra: Record<string, Partial<AssetSpec>> = {
  [visits]: { partitions: days, deps: [] },
  [doubled]: { partitions: days, ...reads(visits, { type: 'same', of: 'day' }) },
  [ever]: reads(visits, { type: 'all' }),
  [counted]: { partitions: hours, deps: [] },
}

async function deployed() {
  const { store, url } = await freshStore()
  const keys = [visits, doubled, ever, counted]
  const plain = manifestOf(keys)
  const assets = plain.assets.map((spec) => ({ ...spec, ...extra[spec.key] }) as AssetSpec)
  const { number: revision } = await store.revisions.deploy({
    ...{ scope, manifest: { ...plain, asOf, assets }, manifestHash: 'h', diff: diffOf(keys), deployedBy: null },
  })
  let runs = 0
  return {
    store,
    url,
    async made(asset: AssetKey, partitions: readonly string[], more: object = {}) {
      const run = `run-${++runs}`
      await store.runs.create({
        scope,
        run,
        revision,
        selection: '*',
        targets: [asset],
        force: false,
        partitions: 'all',
      })
      await store.partitions.record(
        stepInput(run, asset),
        asset,
        partitions.map((partition) => ({
          ...{ partition, position: Date.parse(partition), codeVersion: 'c1', dataVersion: `v:${partition}` },
          ...{ upstream: {}, warehouse: 'w', rows: 1, startedAt: asOf, durationMs: 2_000, failedChecks: [], ...more },
        })),
      )
    },
    plan: (selection: string, partitions: string | null = null) =>
      readPlan(store, {
        ...{
          scope,
          revision,
          assets,
          asOf,
          graph: buildGraph(assets),
          selection,
          partitions,
          force: false,
          concurrency: 4,
        },
      }),
  }
}

const assetsOf = (steps: readonly { readonly assets: readonly PreviewAsset[] }[]) =>
  new Map(steps.flatMap((step) => step.assets).map((asset) => [asset.key, asset]))

test('an asset with partitions is explained by them: how many, which, why, for how long', async () => {
  const { made, plan } = await deployed()
  await made(visits, ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-10'])
  await made(visits, ['2026-01-11'], { codeVersion: 'c0' })
  const found = await plan(`${visits}, ${doubled}`, '2026-01-01..2026-01-15')
  const assets = assetsOf(found.steps)
  expect(assets.get(visits)).toMatchObject({
    prospect: 'certain',
    partitions: {
      ...{
        total: 31,
        missing: 26,
        failed: 0,
        failing: 0,
        selected: 15,
        certain: 11,
        possible: 0,
        fresh: 4,
        blocked: 0,
      },
      runs: { count: 11, ranges: [{ from: '2026-01-04', to: '2026-01-09', partitions: 6 }, { from: '2026-01-11' }] },
      obstacles: [],
    },
    reasons: [
      {
        type: 'never_materialized',
        text: 'never materialised: 10 partitions, 2026-01-04..2026-01-09, 2026-01-12..2026-01-15',
      },
      { type: 'code_changed', text: 'its definition changed: partition 2026-01-11', partitions: { count: 1 } },
    ],
  })
  expect(assets.get(doubled)).toMatchObject({ partitions: { selected: 15, certain: 15 }, blocked: null })
  const step = found.steps.find(({ id }) => id === visits)
  expect(step?.estimate).toMatchObject({ ms: 22_000, from: 'history', startMs: 0 })
  expect(found.steps.map(({ id, after }) => [id, after])).toEqual([
    [visits, []],
    [doubled, [visits]],
  ])
  expect(found.estimate.mostMs).toBeLessThan(60_000)
  expect((await plan(visits)).steps[0]?.assets[0]?.partitions).toMatchObject({ selected: 1, certain: 1 })
  expect((await plan(visits, '2026-01-01..2026-01-03')).fresh).toEqual([visits])
  await expect(plan(ever, 'latest')).rejects.toMatchObject({ code: 'PARTITION_UNKNOWN' })
})

test('what a failed check or a missing partition holds up is told, and what it does not goes on', async () => {
  const { made, plan } = await deployed()
  await made(visits, ['2026-01-01', '2026-01-03'])
  await made(visits, ['2026-01-02'], {
    failedChecks: ['few'],
    checks: [{ name: 'few', severity: 'error', passed: false, failures: 1, message: null }],
  })
  const { steps, counts } = await plan(`${doubled}, ${ever}`, '2026-01-01..2026-01-04')
  const assets = assetsOf(steps)
  expect(assets.get(doubled)).toMatchObject({
    prospect: 'certain',
    blocked: null,
    partitions: {
      certain: 2,
      blocked: 2,
      obstacles: [
        {
          upstream: visits,
          text: 'partitions of trait/visits that it reads have failed the check few',
          partitions: { count: 1, ranges: [{ from: '2026-01-02' }] },
        },
        { text: 'partitions of trait/visits that it reads were never made and are not selected' },
      ],
    },
  })
  expect(assets.get(ever)).toMatchObject({
    prospect: 'blocked',
    blocked: { upstream: visits, text: 'trait/visits has failed its check few' },
  })
  expect(counts).toMatchObject({ certain: 1, blocked: 1 })
})

test('200,000 partitions are a few ranges, and no wait', async () => {
  const { url, made, plan } = await deployed()
  await made(counted, ['2000-01-01T00:00'])
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(`
    insert into traitline.asset_partition (asset_id, partition, position, status, last_attempt, run, made_run,
      data_version, code_version, upstream, warehouse, duration_ms, materialized_at)
    select asset.id, to_char(hour, 'YYYY-MM-DD"T"HH24:MI'), extract(epoch from hour) * 1000, 'materialized', 'succeeded',
      'run-1', 'run-1', 'v', case when extract(year from hour) = 2001 then 'c0' else 'c1' end, '{}', 'w', 5, now()
    from traitline.asset,
      generate_series(timestamp '2000-01-01T01:00', timestamp '2002-12-31T23:00', interval '1 hour') as hour
    where key = '${counted}'`)
  await client.end()
  await plan(counted)
  const began = performance.now()
  const latest = await plan(counted)
  const took = performance.now() - began
  expect(latest.steps[0]?.assets[0]?.partitions).toMatchObject({ total: 228_672, selected: 1, certain: 1 })
  const allBegan = performance.now()
  const all = await plan(counted, '2000..2004')
  const tookAll = performance.now() - allBegan
  expect(all.steps).toHaveLength(1)
  expect(all.steps[0]?.assets[0]?.partitions).toMatchObject({
    ...{ selected: 43_848, certain: 8_760 + 17_544 },
    runs: { ranges: [{ from: '2001-01-01T00:00', to: '2001-12-31T23:00', partitions: 8_760 }, {}], more: 0 },
  })
  expect(JSON.stringify(all).length).toBeLessThan(5_000)
  console.info(`228,672 partitions: plan of the latest ${took.toFixed(0)} ms, of five years ${tookAll.toFixed(0)} ms`)
  expect(took).toBeLessThan(500)
}, 120_000)
