import { sql } from 'kysely'
import type { AssetKey, RunPlan, StaleReason } from '../../contract/index.ts'
import type { Tx } from '../database/database.ts'
import { toJson } from '../database/json.ts'

/** One partition of a plan, as the statement reads it. */
interface Row {
  readonly key: AssetKey
  readonly partition: string
  readonly step: string
  readonly status: 'planned' | 'fresh'
  readonly reasons: readonly StaleReason[]
}

const rowsAtOnce = 5_000

/** Keeps the partitions of a plan, in its order. */
export async function insertRunPartitions(tx: Tx, scopeId: number, run: string, plan: RunPlan): Promise<void> {
  const rows = partitionRows(plan)
  for (let first = 0; first < rows.length; first += rowsAtOnce) {
    await sql`
      insert into traitline.run_partition (run, asset_id, partition, position, step, status, reasons, ended_at)
      select ${run}::text, asset.id, new.partition, ${first}::integer + new.position, new.step, new.status, new.reasons,
        case when new.status = 'fresh' then clock_timestamp() end
      from rows from (jsonb_to_recordset(${toJson(rows.slice(first, first + rowsAtOnce))}::jsonb)
        as (key text, partition text, step text, status text, reasons jsonb))
        with ordinality as new (key, partition, step, status, reasons, position)
      join traitline.asset on asset.scope_id = ${scopeId}::integer and asset.key = new.key
      order by asset.id, new.partition collate "C"`.execute(tx)
  }
}

function partitionRows(plan: RunPlan): Row[] {
  const planned = plan.steps.flatMap((step) =>
    step.assets.flatMap(({ key, partition, reasons }): Row[] =>
      partition === undefined ? [] : [{ key, partition, step: step.id, status: 'planned', reasons }],
    ),
  )
  const fresh = (plan.freshPartitions ?? []).flatMap(({ key, partitions }) =>
    partitions.map((partition): Row => ({ key, partition, step: key, status: 'fresh', reasons: [] })),
  )
  return [...planned, ...fresh]
}

/** For each asset that a plan makes in partitions, how many of them. */
export function partitionedAssets(
  plan: RunPlan,
): ReadonlyMap<AssetKey, { readonly planned: number; readonly fresh: number }> {
  const counts = new Map<AssetKey, { planned: number; fresh: number }>()
  const of = (key: AssetKey): { planned: number; fresh: number } => {
    const found = counts.get(key) ?? { planned: 0, fresh: 0 }
    counts.set(key, found)
    return found
  }
  for (const { assets } of plan.steps) {
    for (const { key, partition } of assets) if (partition !== undefined) of(key).planned += 1
  }
  for (const { key, partitions } of plan.freshPartitions ?? []) of(key).fresh += partitions.length
  return counts
}

/** Before a run ends: what of its partitions has no outcome is cancelled, and its assets say what became of theirs. */
export async function endRunPartitions(tx: Tx, run: string): Promise<void> {
  await sql`
    update traitline.run_partition set status = 'cancelled', ended_at = clock_timestamp()
    where run = ${run} and status in ('planned', 'running')`.execute(tx)
  await sql`
    select 1 from traitline.asset_partition where run = ${run} and status = 'running'
      and asset_id in (select asset_id from traitline.run_asset where run = ${run} and partitions is not null)
    order by asset_id, partition for no key update`.execute(tx)
  await sql`
    update traitline.run_asset
    set ended_at = clock_timestamp(), failure = ended.failure, rows = ended.rows, upstream = ended.upstream,
      reason = ended.reason, summary = ended.summary, status = ended.status
    from (
      select asset_id, sum(rows) as rows, min(upstream) as upstream, min(reason) as reason,
        (array_agg(failure order by position) filter (where failure is not null))[1] as failure,
        concat_ws(', ', nullif(count(*) filter (where status = 'materialized'), 0) || ' partitions',
          nullif(count(*) filter (where status = 'failed'), 0) || ' failed') as summary,
        case
          when bool_or(status = 'failed') then 'failed'
          when bool_or(status = 'upstream_failed') then 'upstream_failed'
          when bool_or(status = 'cancelled') then 'cancelled'
          when bool_or(status = 'materialized') then 'materialized'
          else 'fresh'
        end as status
      from traitline.run_partition where run = ${run} group by asset_id
    ) ended
    where run_asset.run = ${run} and run_asset.asset_id = ended.asset_id and run_asset.partitions is not null`.execute(
    tx,
  )
}

/** After it, under the log's lock: nothing looks as if the run still made it. */
export async function settleRunPartitions(tx: Tx, run: string): Promise<void> {
  await sql`
    update traitline.asset_partition set status = 'cancelled', last_attempt = 'failed'
    where run = ${run} and status = 'running'
      and asset_id in (select asset_id from traitline.run_asset where run = ${run} and partitions is not null)`.execute(
    tx,
  )
}
