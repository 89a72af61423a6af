import type { AssetKey, Scope } from '../../contract/index.ts'
import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import type { SyncRunRow } from '../store.ts'
import { accounting } from './accounting.ts'

interface SyncRunFilter {
  readonly syncRun?: string
  readonly run?: string
  /** Only what is unsettled as seen from this warehouse. */
  readonly unsettledIn?: string
  readonly order: 'oldest first' | 'newest first'
  readonly limit: number
}

/** Sync runs of a sync; ended ones with the accounting of their end, others with what is known now. */
export async function readSyncRuns(
  { db, scopes }: Database,
  scope: Scope,
  sync: AssetKey,
  { syncRun, run, unsettledIn, order, limit }: SyncRunFilter,
): Promise<SyncRunRow[]> {
  const scopeId = await scopes.find(scope)
  if (scopeId === null) return []
  const rows = await db
    .selectFrom('sync_run')
    .innerJoin('asset', 'asset.id', 'sync_run.asset_id')
    .select([
      'sync_run.id as syncRun',
      'sync_run.warehouse',
      'run',
      'asset.key as sync',
      'status',
      'mode',
      'batches',
      'planned',
    ])
    .select(['sent', 'accepted', 'skipped', 'rejected', 'unknown'])
    .select(['started_at as startedAt', 'ended_at as endedAt'])
    .where('asset.scope_id', '=', scopeId)
    .where('asset.key', '=', sync)
    .$if(syncRun !== undefined, (query) => query.where('sync_run.id', '=', syncRun!))
    .$if(run !== undefined, (query) => query.where('run', '=', run!))
    .$if(unsettledIn !== undefined, (query) =>
      query
        .where('status', 'not in', ['settled', 'superseded'])
        .where(sql<boolean>`(coalesce(sync_run.warehouse, ${unsettledIn!}) = ${unsettledIn!} or status <> 'failed')`),
    )
    .orderBy('sync_run.number', order === 'oldest first' ? 'asc' : 'desc')
    .limit(limit)
    .execute()
  return Promise.all(rows.map((row) => withAccounting(db, row)))
}

type Counts = Pick<SyncRunRow, 'sent' | 'accepted' | 'skipped' | 'rejected' | 'unknown'>
type Uncounted = Omit<SyncRunRow, keyof Counts> & { readonly [Name in keyof Counts]: number | null }

async function withAccounting(db: Database['db'], row: Uncounted): Promise<SyncRunRow> {
  const { sent, accepted, skipped, rejected, unknown } = row
  if (sent !== null && accepted !== null && skipped !== null && rejected !== null && unknown !== null) {
    return { ...row, sent, accepted, skipped, rejected, unknown }
  }
  const { rows } = await sql<Counts>`${accounting(row.syncRun, 'under way')}`.execute(db)
  return { ...row, ...rows[0]! }
}
