import { sql } from 'kysely'
import { partitionStatuses } from '../../contract/index.ts'
import type { Db } from '../database/database.ts'
import type { NumberedPartitions, PartitionRun } from './types.ts'

type Fragment = ReturnType<typeof sql>

/** A row at which a run begins, and the position of the one before it, at which another ended. */
interface Border {
  readonly position: number | null
  readonly state: number | null
  readonly before: number | null
}

/**
 * The partitions that have a row, as runs of numbers in one state. Where time alone tells them apart the database finds
 * where runs begin and end, else it tells the keys of each state.
 */
export async function readRuns(db: Db, asset: Fragment, partitions: NumberedPartitions): Promise<PartitionRun[]> {
  const found = partitions.everyMs === null ? null : await byPosition(db, asset, partitions, partitions.everyMs)
  return joined(found ?? (await byKey(db, asset, partitions)))
}

/** Null where rows are not where this definition of partitions puts them: of another one that was there before. */
async function byPosition(
  db: Db,
  asset: Fragment,
  partitions: NumberedPartitions,
  everyMs: number,
): Promise<PartitionRun[] | null> {
  // A state has less than 20 bits.
  const rows = sql`select (position << 20) + state as code, position, partition
    from traitline.asset_partition where asset_id = ${asset}`
  const { rows: borders } = await sql<Border>`
    select code >> 20 as position, (code & 1048575)::integer as state, before >> 20 as before
    from (select code, lag(code) over (order by position, partition) as before from (${rows}) each) placed
    where code - before is distinct from ${everyMs}::bigint << 20
    union all
    select * from (select null::bigint, null::integer, position from (${rows}) each
      order by position desc, partition desc limit 1) last
    order by position nulls last`.execute(db)
  const runs: PartitionRun[] = []
  for (const [at, { position, state }] of borders.entries()) {
    const last = borders[at + 1]?.before
    if (position === null || state === null || last == null) continue
    const [from, to] = [partitions.numberAt(position), partitions.numberAt(last)]
    if (last - position !== (to - from) * everyMs || !isAt(partitions, from, position, state)) return null
    const first = Math.max(0, from)
    const end = Math.min(partitions.count, to + 1)
    if (first < end) runs.push({ from: first, to: end, ...stateOf(state) })
  }
  return runs
}

const keyLengths = [null, 10, 16, 22] as const

/** Whether a row has the position and the key of partition `n`. */
function isAt({ positionOf, keyOf }: NumberedPartitions, n: number, position: number, state: number): boolean {
  const length = keyLengths[(state >> 4) & 3] ?? null
  if (length === null || positionOf(n) !== position) return false
  const key = keyOf(n)
  const shown = (Math.floor(position / 60_000) + (state >> 6) - 4_096) * 60_000
  return key.length === length && new Date(shown).toISOString().startsWith(key.slice(0, 16))
}

async function byKey(db: Db, asset: Fragment, { numberOf }: NumberedPartitions): Promise<PartitionRun[]> {
  const { rows } = await sql<{ state: number; keys: string }>`
    select state & 15 as state, string_agg(partition, ',') as keys
    from traitline.asset_partition where asset_id = ${asset} group by 1`.execute(db)
  return rows.flatMap(({ state, keys }) => {
    // What is no partition's key any more has the number -1.
    const numbers = Float64Array.from(keys.split(','), numberOf)
      .filter((n) => n >= 0)
      .sort()
    const runs: PartitionRun[] = []
    for (let at = 0; at < numbers.length;) {
      const from = numbers[at]!
      let to = from
      while (at < numbers.length && numbers[at] === to) {
        at += 1
        to += 1
      }
      runs.push({ from, to, ...stateOf(state) })
    }
    return runs
  })
}

/** As the column `state` has it in its lowest bits. */
function stateOf(state: number): Pick<PartitionRun, 'status' | 'made'> {
  return { status: partitionStatuses[(state & 15) >> 1]!, made: (state & 1) === 1 }
}

function joined(runs: readonly PartitionRun[]): PartitionRun[] {
  const all: PartitionRun[] = []
  for (const run of [...runs].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1)
    if (last?.to === run.from && last.status === run.status && last.made === run.made) {
      all[all.length - 1] = { ...last, to: run.to }
    } else all.push(run)
  }
  return all
}
