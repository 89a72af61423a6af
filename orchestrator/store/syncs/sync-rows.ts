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
  /** Only what started within it. */
  readonly between?: { readonly from: string; readonly to: string }
  readonly order: 'oldest first' | 'newest first'
  readonly limit: number
}

/** Sync runs of a sync; ended ones with the accounting of their end, others with what is known now. */
export async function readSyncRuns(
  { db, scopes }: Database,
  scope: Scope,
  sync: AssetKey,
  { syncRun, run, unsettledIn, between, order, limit }: SyncRunFilter,
): Promise<SyncRunRow[]> {
  const scopeId = await scopes.find(scope)
  if (scopeId === null) return []
  const rows = await db
    .selectFrom('sync_run')
    .innerJoin('asset', 'asset.id', 'sync_run.asset_id')
    .select([
      'sync_run.id as syncRun',
      'sync_run.warehouse',
      'resumed_by as resumedBy',
      'target',
      'run',
      'asset.key as sync',
      'status',
      'mode',
      'batches',
      'planned',
    ])
    .select(['sent', 'accepted', 'skipped', 'rejected', 'unknown'])
    .select(['started_at as startedAt', 'ended_at as endedAt'])
    .select(['waiting', 'requests', 'throttled', 'request_retries', 'bytes', 'degraded'])
    .select(['freeze_ms as freezeMs', 'send_ms as sendMs', 'settle_ms as settleMs'])
    .where('asset.scope_id', '=', scopeId)
    .where('asset.key', '=', sync)
    .$if(syncRun !== undefined, (query) => query.where('sync_run.id', '=', syncRun!))
    .$if(run !== undefined, (query) => query.where(sql<boolean>`coalesce(resumed_by, run) = ${run!}`))
    .$if(unsettledIn !== undefined, (query) =>
      query
        .where('status', 'not in', ['settled', 'superseded'])
        .where(sql<boolean>`(coalesce(sync_run.warehouse, ${unsettledIn!}) = ${unsettledIn!} or status <> 'failed')`),
    )
    .$if(between !== undefined, (query) =>
      query
        .where('sync_run.started_at', '>=', sql<string>`${between!.from}::timestamptz`)
        .where('sync_run.started_at', '<', sql<string>`${between!.to}::timestamptz`),
    )
    .orderBy('sync_run.number', order === 'oldest first' ? 'asc' : 'desc')
    .limit(limit)
    .execute()
  return Promise.all(rows.map((row) => withAccounting(db, row)))
}

type Counts = Pick<SyncRunRow, 'sent' | 'accepted' | 'skipped' | 'rejected' | 'unknown'>
type Traffic = Readonly<Record<'requests' | 'throttled' | 'request_retries' | 'bytes', number | null>>
type Uncounted = Omit<SyncRunRow, keyof Counts | 'traffic' | 'degraded'> &
  Traffic & { readonly [Name in keyof Counts]: number | null } & { readonly degraded: readonly string[] | null }

async function withAccounting(db: Database['db'], row: Uncounted): Promise<SyncRunRow> {
  const { sent, accepted, skipped, rejected, unknown, requests, throttled, request_retries, bytes, ...rest } = row
  const known = { ...rest, degraded: row.degraded ?? [] }
  if (sent !== null && accepted !== null && skipped !== null && rejected !== null && unknown !== null) {
    const traffic = trafficOf({ requests, throttled, request_retries, bytes })
    return { ...known, sent, accepted, skipped, rejected, unknown, traffic }
  }
  const { rows } = await sql<
    Counts & Traffic & { send_ms: number | null }
  >`${accounting(row.syncRun, 'under way')}`.execute(db)
  const now = rows[0]!
  return {
    ...known,
    ...{ sent: now.sent, accepted: now.accepted, skipped: now.skipped, rejected: now.rejected, unknown: now.unknown },
    traffic: trafficOf(now),
    sendMs: now.send_ms,
  }
}

function trafficOf({ requests, throttled, request_retries, bytes }: Traffic): SyncRunRow['traffic'] {
  return { requests: requests ?? 0, throttled: throttled ?? 0, retried: request_retries ?? 0, bytes: bytes ?? 0 }
}

/** See `SyncJournal.targets`. */
export async function readTargets({ db, scopes }: Database, scope: Scope): Promise<Readonly<Record<AssetKey, string>>> {
  const scopeId = await scopes.find(scope)
  const { rows } = await sql<{ key: AssetKey; target: string | null }>`
    select asset.key, last.target from traitline.asset cross join lateral (
      select target from traitline.sync_run where asset_id = asset.id order by number desc limit 1
    ) last
    where asset.scope_id = ${scopeId}::integer and asset.key like 'sync/%'`.execute(db)
  return Object.fromEntries(rows.flatMap(({ key, target }) => (target === null ? [] : [[key, target]])))
}
