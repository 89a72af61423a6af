import fc from 'fast-check'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { specOf, freshStore, scope } from '../../../test/store/fresh-store.ts'
import {
  partitionStatuses,
  type AssetKey,
  type PartitionDimension,
  type PartitionStatus,
  type TimeDimension,
} from '../../contract/index.ts'
import { openPartitioning } from '../../graph/index.ts'

const key: AssetKey = 'trait/visits'

const timed = (every: TimeDimension['every'], timeZone: string, offsetMinutes = 0): TimeDimension => ({
  ...{ type: 'time', name: every, every, start: '2026-03-20', end: null, timeZone, offsetMinutes },
})
const shops: PartitionDimension = { type: 'static', name: 'shop', keys: ['north', 'east', 'all other'] }

/** Around a change of clocks; the second of each pair is what the asset's partitions were before. */
const definitions: readonly (readonly PartitionDimension[])[] = [
  [timed('hour', 'UTC')],
  [timed('hour', 'Europe/Berlin')],
  [timed('hour', 'Australia/Lord_Howe', 30)],
  [timed('day', 'UTC')],
  [timed('day', 'Europe/Berlin')],
  [timed('day', 'America/New_York', 360)],
  [timed('week', 'Europe/Berlin')],
  [timed('month', 'Europe/Berlin')],
  [shops],
  [timed('day', 'Europe/Berlin'), shops],
  [shops, timed('day', 'UTC')],
]

test('runs are what the rows are, whatever the partitions were before', async () => {
  const { store, url } = await freshStore()
  await store.assets.register(scope, [specOf(key)])
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const cells = fc.array(fc.tuple(fc.nat(60), fc.nat(partitionStatuses.length - 1), fc.boolean()), { maxLength: 50 })
    const definition = fc.constantFrom(...definitions)
    await fc.assert(
      fc.asyncProperty(definition, cells, definition, cells, async (dimensions, rows, former, left) => {
        const facts = { now: Date.UTC(2026, 9, 27, 1), dynamic: {} }
        const now = openPartitioning({ dimensions }, facts)
        const before = openPartitioning({ dimensions: former }, facts)
        // Half of them beside a change of clocks in March, half in October.
        const place = (n: number, { count }: typeof now): number =>
          (n % 2 === 0 ? n * 3 : Math.max(0, count - n)) % count
        const kept = new Map<string, { position: number; status: PartitionStatus; made: boolean }>()
        for (const [partitioning, some] of [[before, left] as const, [now, rows] as const]) {
          for (const [n, status, made] of some) {
            const at = place(n, partitioning)
            const row = { position: partitioning.positionOf(at), status: partitionStatuses[status]!, made }
            kept.set(partitioning.keyOf(at), row)
          }
        }
        const items = [...kept].map(([partition, row]) => ({ partition, ...row }))
        await client.query('delete from traitline.asset_partition')
        await client.query(
          `insert into traitline.asset_partition (asset_id, partition, position, status, data_version)
           select asset.id, new.partition, new.position, new.status, case when new.made then 'v' end
           from traitline.asset, jsonb_to_recordset($1) as new (partition text, position bigint, status text, made boolean)`,
          [JSON.stringify(items)],
        )
        const found = new Map<number, string>()
        for (const run of await store.partitions.runs(scope, key, now)) {
          for (let n = run.from; n < run.to; n++) found.set(n, `${run.status} ${run.made}`)
        }
        const expected = new Map(
          items
            .map(({ partition, status, made }) => [now.numberOf(partition), `${status} ${made}`] as const)
            .filter(([n]) => n >= 0)
            .sort(([a], [b]) => a - b),
        )
        expect([...found]).toEqual([...expected])
      }),
      { numRuns: 200 },
    )
  } finally {
    await client.end()
  }
})
