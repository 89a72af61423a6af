import { sql } from 'kysely'
import type { AssetKey, CheckResult } from '../../contract/index.ts'
import type { Db } from '../database/database.ts'
import type { MaterializationRow } from '../store.ts'

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
          'failures', failures, 'message', message, 'blocking', blocking, 'metadata', metadata) order by position)
        from traitline.check_result
        where materialization_id = materialization.id and check_result.run = materialization.run
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
