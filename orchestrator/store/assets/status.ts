import { sql } from 'kysely'
import type { Selectable } from 'kysely'
import type { AssetKey } from '../../contract/index.ts'
import type { Db } from '../database/database.ts'
import type { Tables } from '../database/tables.ts'
import type { AssetStatusRow } from '../store.ts'

/** Versions of an asset with partitions; null for one without. */
const wholeVersion = sql<string | null>`'partitions-v1:' || partition_total.content`
const latestVersion = sql<
  string | null
>`'latest-v1:' || partition_total.latest_position || ':' || partition_total.latest_content`

type StoredStatus = Selectable<Tables['asset_status']> & { readonly key: AssetKey }

/** Status rows with their keys; of all assets of the scope for `keys` null. */
export function statusQuery(db: Db, scopeId: number, keys: readonly AssetKey[] | null) {
  return db
    .selectFrom('asset')
    .innerJoin('asset_status', 'asset_status.asset_id', 'asset.id')
    .leftJoin('partition_total', 'partition_total.asset_id', 'asset.id')
    .selectAll('asset_status')
    .select([wholeVersion.as('whole_version'), latestVersion.as('latest_version')])
    .select('latest_failed_checks')
    .select('asset.key')
    .where('asset.scope_id', '=', scopeId)
    .$if(keys !== null, (query) => query.where(sql<boolean>`asset.key = any(${keys}::text[])`))
    .$if(keys === null, (query) => query.orderBy('asset.key'))
}

export function statusRow(row: StoredStatus): AssetStatusRow {
  return {
    asset: row.key,
    status: row.status,
    run: row.run,
    materializedAt: row.materialized_at,
    rows: row.rows,
    dataVersion: row.data_version,
    codeVersion: row.code_version,
    failedChecks: row.failed_checks,
    failure: row.failure,
    sequence: row.sequence,
  }
}
