import { sql } from 'kysely'
import { TraitlineError } from '../../contract/index.ts'
import type { AssetKey, RunPlan, StaleReason } from '../../contract/index.ts'
import { unknownAssets } from '../assets/register.ts'
import type { Database, Tx } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import { appendEvents } from '../events/append.ts'
import { insertRunPartitions, partitionedAssets } from '../partitions/plan.ts'
import { pagesOf } from './pages.ts'
import { unknownRun } from './unknown-run.ts'

/** One asset of the plan, fresh or not, as the statement reads it. */
interface Row {
  readonly key: AssetKey
  readonly step: string
  readonly status: 'planned' | 'fresh'
  readonly reasons: readonly StaleReason[]
  readonly partitions: number | null
}

/** Keeps the plan, unless the run has one. */
export async function savePlan({ db }: Database, run: string, plan: RunPlan): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('run')
      .select(['scope_id', 'pages', 'status', 'ended_at'])
      .where('id', '=', run)
      .forNoKeyUpdate()
      .executeTakeFirst()
    if (!row) throw unknownRun(run)
    if (row.pages !== null) return
    if (row.ended_at !== null) throw endedRun(run, row.status)

    const pages = pagesOf(plan.steps)
    const fresh = freshOf(plan)
    await tx
      .insertInto('plan_page')
      .values(pages.map((steps, page) => ({ run, page, steps })))
      .execute()
    await tx
      .updateTable('run')
      .set({ status: 'running', started_at: sql`clock_timestamp()`, pages: pages.length, fresh })
      .where('id', '=', run)
      .execute()
    const rows = rowsOf(plan)
    await insertAssets(tx, row.scope_id, run, rows)
    await insertRunPartitions(tx, row.scope_id, run, plan)
    await appendEvents(tx, row.scope_id, [
      { run, type: 'run_started', data: {} },
      {
        run,
        type: 'run_planned',
        data: {
          ...{ steps: plan.steps.length, planned: plannedOf(plan), fresh },
          ...(plan.paused !== undefined && { paused: [...plan.paused] }),
        },
      },
      ...plan.fresh.map((asset) => ({ run, asset, type: 'asset_fresh' as const, data: {} })),
    ])
    await settleFresh(tx, run)
  })
}

function plannedOf({ steps }: RunPlan): number {
  return steps.reduce((sum, { assets }) => sum + assets.length, 0)
}

/** Assets and partitions that are fresh already. */
function freshOf({ fresh, freshPartitions = [] }: RunPlan): number {
  return fresh.length + freshPartitions.reduce((sum, { partitions }) => sum + partitions.length, 0)
}

/** One row an asset, however many of its partitions are planned. */
function rowsOf(plan: RunPlan): Row[] {
  const counts = partitionedAssets(plan)
  const rows = new Map<AssetKey, Row>()
  for (const { id, assets } of plan.steps) {
    for (const { key, partition, reasons } of assets) {
      if (rows.has(key)) continue
      const whole = partition === undefined
      rows.set(key, { key, step: whole ? id : key, status: 'planned', reasons: whole ? reasons : [], partitions: null })
    }
  }
  for (const key of [...plan.fresh, ...counts.keys()]) {
    if (!rows.has(key)) rows.set(key, { key, step: key, status: 'fresh', reasons: [], partitions: null })
  }
  for (const [key, { planned, fresh }] of counts) rows.set(key, { ...rows.get(key)!, partitions: planned + fresh })
  return [...rows.values()]
}

async function insertAssets(tx: Tx, scopeId: number, run: string, rows: readonly Row[]): Promise<void> {
  const { rows: found } = await sql<{ key: string }>`
    with new as materialized (
      select asset.id, asset.key, new.step, new.status, new.reasons, new.partitions, new.position
      from rows from (jsonb_to_recordset(${toJson(rows)}::jsonb) as (key text, step text, status text, reasons jsonb, partitions integer))
        with ordinality as new (key, step, status, reasons, partitions, position)
      join traitline.asset on asset.scope_id = ${scopeId}::integer and asset.key = new.key
    ), planned as (
      insert into traitline.run_asset (run, asset_id, position, step, status, reasons, partitions, ended_at)
      select ${run}::text, id, position, step, status, reasons, partitions, case when status = 'fresh' then clock_timestamp() end
      from new order by id
    )
    select key from new`.execute(tx)
  if (found.length === rows.length) return
  const known = new Set(found.map(({ key }) => key))
  throw unknownAssets(rows.map(({ key }) => key).filter((key) => !known.has(key)))
}

/** An earlier run may have left another status; what is fresh now is materialised, whatever became of that run. */
async function settleFresh(tx: Tx, run: string): Promise<void> {
  await sql`
    update traitline.asset_status
    set status = 'materialized', run = ${run}::text, failure = null, sequence = event.sequence
    from traitline.event
    where event.run = ${run} and event.type = 'asset_fresh' and event.asset_id = asset_status.asset_id
      and asset_status.status not in ('materialized', 'running')`.execute(tx)
}

function endedRun(run: string, status: string): TraitlineError {
  return new TraitlineError({
    code: 'RUN_ENDED',
    message: `run ${run} has ended (${status}) before it was planned`,
    hint: 'Start another run.',
    blame: 'user',
  })
}
