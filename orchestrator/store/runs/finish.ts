import { sql } from 'kysely'
import type { AssetKey, Failure, RunStatus } from '../../contract/index.ts'
import { recordOutcomes } from '../assets/outcomes.ts'
import type { Database } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import { appendEvents } from '../events/append.ts'
import { endRunPartitions, settleRunPartitions } from '../partitions/plan.ts'
import { countedOutcomes } from './counts.ts'
import { unknownRun } from './unknown-run.ts'

/**
 * Ends a run, once. Assets that have no outcome by then will get none (whoever should have reported it is gone), so
 * they are recorded as cancelled: nothing looks as if it still ran.
 */
export async function finishRun(
  { db }: Database,
  run: string,
  status: RunStatus,
  failure: Failure | null,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const row = await tx
      .updateTable('run')
      .set({ status, failure: failure && toJson(failure), ended_at: sql`clock_timestamp()` })
      .where('id', '=', run)
      .where('ended_at', 'is', null)
      .returning('scope_id')
      .executeTakeFirst()
    if (!row) return assertKnown(tx, run)
    await endRunPartitions(tx, run)
    const { rows: open } = await sql<{ key: AssetKey }>`
      select asset.key from traitline.run_asset join traitline.asset on asset.id = asset_id
      where run = ${run} and status in ('planned', 'running')
      order by position`.execute(tx)
    await recordOutcomes(
      tx,
      row.scope_id,
      run,
      open.map(({ key }) => ({ asset: key, status: 'cancelled' })),
    )
    const { counts } = await tx
      .selectFrom('run')
      .select(countedOutcomes.as('counts'))
      .where('id', '=', run)
      .executeTakeFirstOrThrow()
    // The run's row is locked since the beginning, so this takes no lock after the log's.
    await tx
      .updateTable('run')
      .set({ counts: toJson(counts) })
      .where('id', '=', run)
      .execute()
    const code = failure && { code: failure.code, message: failure.message, hint: failure.hint }
    await appendEvents(tx, row.scope_id, [{ run, type: 'run_finished', data: { status, counts, failure: code } }])
    await settleRunPartitions(tx, run)
  })
}

async function assertKnown(db: Database['db'], run: string): Promise<void> {
  const found = await db.selectFrom('run').select('id').where('id', '=', run).executeTakeFirst()
  if (!found) throw unknownRun(run)
}
