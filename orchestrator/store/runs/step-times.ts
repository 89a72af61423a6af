import { sql } from 'kysely'
import type { Db } from '../database/database.ts'
import type { StepTimeRow } from '../store.ts'

/** Only of steps all of whose work succeeded: one that failed tells nothing of how long it takes. */
export async function readStepTimes(db: Db, runs: readonly string[], steps: readonly string[]): Promise<StepTimeRow[]> {
  if (runs.length === 0 || steps.length === 0) return []
  const { rows } = await sql<StepTimeRow>`
    select run_asset.run, step,
      extract(epoch from max(run_asset.ended_at) - min(run_asset.started_at))::float8 * 1000 as "wallMs",
      sum(duration_ms) as "workMs"
    from traitline.run_asset
    left join traitline.materialization using (run, asset_id)
    where run_asset.run = any(${runs}::text[]) and step = any(${steps}::text[])
    group by run_asset.run, step
    having bool_and(status in ('materialized', 'fresh')) and sum(duration_ms) is not null`.execute(db)
  return rows
}
