/**
 * What an asset of 200,000 partitions costs: planning a backfill of what is missing or of a range, and the pages that
 * show it, beside a bare count over the same rows in the same database. Prints one line of JSON; times in milliseconds,
 * the median of five.
 */
import { Client } from 'pg'
import { assetKey, type AssetSpec, type PartitionDimension } from '../orchestrator/contract/index.ts'
import { openPartitioning } from '../orchestrator/graph/index.ts'
import { cutIntoBatches, selectedOf } from '../orchestrator/plan/index.ts'
import { partitionPage, partitionRanges } from '../orchestrator/server/partition-view.ts'
import { benchOnDatabase, type BenchDatabase } from './parts/stack.ts'

const partitions = 200_000
const rounds = 5
const scope = { environment: 'bench', project: 'bench' }

const hours: PartitionDimension = {
  ...{ type: 'time', name: 'hour', every: 'hour', start: '2001-01-01', end: null },
  ...{ timeZone: 'Europe/Berlin', offsetMinutes: 0 },
}
const days: PartitionDimension = { ...hours, name: 'day', every: 'day', start: '2020-01-01' }
const shops = {
  ...({ type: 'static', name: 'shop' } as const),
  keys: Array.from({ length: 100 }, (_, at) => `shop ${String(at).padStart(3, '0')}`),
}
const shapes: Readonly<Record<string, readonly PartitionDimension[]>> = { hours: [hours], daysAndShops: [days, shops] }

await benchOnDatabase(measure)

async function measure({ url, store }: BenchDatabase): Promise<object> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const found: Record<string, object> = {}
    for (const [name, dimensions] of Object.entries(shapes)) found[name] = await measureOne(name, dimensions)
    return { bench: 'partitions', partitions, ms: found, aim: { plan: 300, page: 100 } }
  } finally {
    await client.end()
  }

  async function measureOne(name: string, dimensions: readonly PartitionDimension[]): Promise<object> {
    const spec = {
      kind: 'trait',
      key: assetKey('trait', name),
      deps: [],
      partitions: { dimensions },
    } as never as AssetSpec
    const now = openPartitioning({ dimensions }, { now: Date.UTC(2026, 0), dynamic: {} })
    const each = dimensions.length === 1 ? 1 : shops.keys.length
    const windows = Math.floor(partitions / each)
    const partitioning =
      now.count > partitions
        ? openPartitioning({ dimensions }, { now: now.positionOf(windows * each), dynamic: {} })
        : now
    await store.assets.register(scope, [spec])
    // One in a thousand failed, and of each month's first hundred some are missing.
    const rows = Array.from({ length: partitioning.count }, (_, n) => n).filter((n) => n % 700 > 3)
    await client.query(
      `insert into traitline.asset_partition (asset_id, partition, position, status, data_version, code_version, upstream, rows, run, materialized_at)
       select id, partition, position, case when place % 1000 = 0 then 'failed' else 'materialized' end,
         'sum128:' || md5(partition), 'c1', '{}', 100, 'run', now()
       from traitline.asset, unnest($2::text[], $3::bigint[]) with ordinality as new (partition, position, place)
       where key = $1`,
      [spec.key, rows.map((n) => partitioning.keyOf(n)), rows.map((n) => partitioning.positionOf(n))],
    )
    await client.query('vacuum analyze traitline.asset_partition')
    const asked = { scope, spec, partitioning }
    const plan = async (selection: string): Promise<void> => {
      const opened = openPartitioning(
        { dimensions },
        { now: now.positionOf(partitioning.count - 1) + 86_400_000, dynamic: {} },
      )
      const selected = await selectedOf(store.partitions, scope, spec, selection, opened)
      const targets = { targets: [spec], partitionings: () => opened, selected: new Map([[spec.key, selected]]) }
      cutIntoBatches({ ...targets, size: 100 })
    }
    return {
      partitions: partitioning.count,
      planMissing: await median(() => plan('missing')),
      planFailed: await median(() => plan('failed')),
      planRange: await median(() => plan('2001..2025')),
      summary: await median(() => partitionRanges(store, asked)),
      page: await median(() => partitionPage(store, asked, { limit: 100 })),
      pageOfMissing: await median(() => partitionPage(store, asked, { limit: 100, status: 'missing' })),
      bareCount: await median(() =>
        client.query(
          `select status, count(*) from traitline.asset_partition
           where asset_id = (select id from traitline.asset where key = $1) group by 1`,
          [spec.key],
        ),
      ),
    }
  }
}

async function median(work: () => Promise<unknown>): Promise<number> {
  await work()
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    await work()
    times.push(performance.now() - began)
  }
  return Math.round(times.sort((a, b) => a - b)[Math.floor(rounds / 2)]! * 10) / 10
}
