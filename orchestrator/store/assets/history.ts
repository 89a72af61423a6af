import { sql } from 'kysely'
import type { AssetKey, CheckResult } from '../../contract/index.ts'
import type { Db } from '../database/database.ts'
import type { CheckRow, MaterializationRow } from '../store.ts'

/** Newest first; `before` is the id of the last one of the page before. */
export async function readMaterializations(
  db: Db,
  scopeId: number,
  asset: AssetKey,
  { limit, before }: { readonly limit: number; readonly before?: string },
): Promise<MaterializationRow[]> {
  const rows = await db
    .selectFrom('materialization')
    .innerJoin('asset', 'asset.id', 'materialization.asset_id')
    .selectAll('materialization')
    .select(
      sql<CheckResult[]>`coalesce((
        select jsonb_agg(jsonb_build_object('name', name, 'severity', severity, 'passed', passed,
          'failures', failures, 'message', message) order by position)
        from traitline.check_result where materialization_id = materialization.id
      ), '[]')`.as('checks'),
    )
    .where('asset.scope_id', '=', scopeId)
    .where('asset.key', '=', asset)
    .$if(before !== undefined, (query) => query.where('materialization.id', '<', Number(before)))
    .orderBy('materialization.id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    id: String(row.id),
    asset,
    run: row.run,
    revision: row.revision,
    codeVersion: row.code_version,
    dataVersion: row.data_version,
    upstream: row.upstream,
    warehouse: row.warehouse,
    rows: row.rows,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    durationMs: row.duration_ms,
    statistics: row.statistics,
    checks: row.checks,
    metadata: row.metadata,
  }))
}

/** Newest materialisation first, and in the order in which it reported them. */
export async function readChecks(db: Db, scopeId: number, asset: AssetKey, limit: number): Promise<CheckRow[]> {
  const rows = await db
    .selectFrom('check_result')
    .innerJoin('asset', 'asset.id', 'check_result.asset_id')
    .innerJoin('materialization', 'materialization.id', 'check_result.materialization_id')
    .select(['name', 'severity', 'passed', 'failures', 'message', 'materialization.run', 'materialization.ended_at'])
    .where('asset.scope_id', '=', scopeId)
    .where('asset.key', '=', asset)
    .orderBy('materialization_id', 'desc')
    .orderBy('position')
    .limit(limit)
    .execute()
  return rows.map(({ ended_at, ...check }) => ({ asset, ...check, at: ended_at }))
}
