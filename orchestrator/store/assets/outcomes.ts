import { sql } from 'kysely'
import type { AssetKey, AssetOutcome, Failure } from '../../contract/index.ts'
import type { Database, Db } from '../database/database.ts'
import { toJson, toText } from '../database/json.ts'
import { unknownAssets } from './register.ts'

/** An outcome as the statement below reads it. */
interface Written {
  readonly asset: AssetKey
  readonly status: AssetOutcome['status']
  readonly failure: Failure | null
  readonly upstream: AssetKey | null
  readonly reason: string | null
  readonly data: object
}

/** What a row is written from; nothing for a materialisation, which is recorded by itself. */
export function written(outcome: AssetOutcome): Written[] {
  const plain = { asset: outcome.asset, status: outcome.status, failure: null, upstream: null, reason: null, data: {} }
  switch (outcome.status) {
    // Recorded with its materialisation.
    case 'materialized':
      return []
    case 'fresh':
    case 'cancelled':
      return [plain]
    case 'failed':
      return [{ ...plain, failure: outcome.failure, data: outcome.failure }]
    case 'upstream_failed': {
      const { upstream, reason } = outcome
      return [
        { ...plain, upstream, reason: toText(reason), failure: upstreamFailure(outcome), data: { upstream, reason } },
      ]
    }
  }
}

function upstreamFailure({ upstream, reason }: { upstream: AssetKey; reason: string }): Failure {
  const [firstLine = ''] = reason.split('\n')
  return {
    code: 'UPSTREAM_FAILED',
    message: firstLine.startsWith(`${upstream}: `) ? firstLine : `${upstream}: ${firstLine}`,
    hint: `Put ${upstream} right; what waits for it runs with the next run that selects it.`,
    blame: 'user',
  }
}

/**
 * Records outcomes other than materialisations, in one statement. An asset that has one in this run keeps it.
 *
 * The status follows, but not to `cancelled` for what had not begun: then the last materialisation stands as it did.
 */
export async function recordOutcomes(
  db: Db,
  scopeId: number,
  run: string,
  outcomes: readonly AssetOutcome[],
): Promise<void> {
  // Of two for one asset the first counts, as it would in two calls.
  const rows = [
    ...new Map(
      outcomes
        .flatMap(written)
        .reverse()
        .map((row) => [row.asset, row]),
    ).values(),
  ]
  if (rows.length === 0) return
  const { rows: found } = await sql<{ key: AssetKey }>`
    with new as materialized (
      select asset.id, new.* from jsonb_to_recordset(${toJson(rows)}::jsonb)
        as new (asset text, status text, failure jsonb, upstream text, reason text, data jsonb)
      join traitline.asset on asset.scope_id = ${scopeId}::integer and asset.key = new.asset
    ), ran as (
      insert into traitline.run_asset (run, asset_id, step, status, ended_at, failure, upstream, reason)
      select ${run}::text, id, asset, status, clock_timestamp(), failure, upstream, reason from new
      order by id
      on conflict (run, asset_id) do update
        set status = excluded.status, ended_at = excluded.ended_at, failure = excluded.failure,
          upstream = excluded.upstream, reason = excluded.reason
        where run_asset.status in ('planned', 'running')
      returning asset_id, position, status, failure, started_at is not null as begun
    ), logged as (
      insert into traitline.event (scope_id, run, asset_id, type, data)
      select ${scopeId}::integer, ${run}::text, ran.asset_id, 'asset_' || ran.status, new.data
      from ran join new on new.id = ran.asset_id
      order by ran.position, ran.asset_id
      returning sequence, asset_id
    ), projected as (
      update traitline.asset_status
      set run = ${run}::text, sequence = logged.sequence, failure = ran.failure,
        succeeded_at = case when ran.status = 'fresh' then clock_timestamp() else succeeded_at end,
        status = case
          when ran.status <> 'fresh' then ran.status
          when data_version is null then 'never'
          else 'materialized'
        end,
        -- What was cut short may have left a table half of the way between two states of the record.
        last_attempt = case when ran.status in ('failed', 'cancelled') then 'failed' else last_attempt end
      from logged join ran using (asset_id)
      where asset_status.asset_id = logged.asset_id and (ran.status <> 'cancelled' or ran.begun)
    )
    select asset as key from new`.execute(db)
  if (found.length === rows.length) return
  const known = new Set(found.map(({ key }) => key))
  throw unknownAssets(rows.map(({ asset }) => asset).filter((key) => !known.has(key)))
}

/** The outcomes that a run has so far for these assets, in the order of `assets`. */
export async function readOutcomes(
  { db, pool }: Database,
  run: string,
  assets: readonly AssetKey[],
): Promise<AssetOutcome[]> {
  const query = db
    .selectFrom('run_asset')
    .innerJoin('asset', 'asset.id', 'run_asset.asset_id')
    .leftJoin('materialization', (join) =>
      join
        .onRef('materialization.run', '=', 'run_asset.run')
        .onRef('materialization.asset_id', '=', 'run_asset.asset_id'),
    )
    .select([
      'asset.key',
      'run_asset.status',
      'run_asset.failure',
      'run_asset.upstream',
      'run_asset.reason',
      'run_asset.summary',
      'run_asset.rows',
      'materialization.data_version',
      'materialization.duration_ms',
      'materialization.failed_checks',
    ])
    .where('run_asset.run', '=', run)
    // By its scope an asset is found in the index, instead of among all of the run's.
    .where('asset.scope_id', '=', (of) => of.selectFrom('run').select('scope_id').where('id', '=', run))
    .where(sql<boolean>`asset.key = any(${assets}::text[])`)
  const rows = await pool.prepared('traitline_outcomes', query)
  return outcomesOf(rows, assets)
}

/** Of the row of an asset in a run, and of its materialisation there, what its outcome is made of. */
export interface StoredOutcome {
  readonly key: AssetKey
  readonly status: AssetOutcome['status'] | 'planned' | 'running'
  readonly failure: Failure | null
  readonly upstream: AssetKey | null
  readonly reason: string | null
  readonly summary: string | null
  readonly rows: number | null
  readonly data_version: string | null
  readonly duration_ms: number | null
  readonly failed_checks: readonly string[] | null
}

/** Outcomes in the order of `assets`; of those that have ended. */
export function outcomesOf(rows: readonly StoredOutcome[], assets: readonly AssetKey[]): AssetOutcome[] {
  const found = new Map(rows.map((row) => [row.key, row]))
  return assets.flatMap((asset): AssetOutcome[] => {
    const row = found.get(asset)
    if (!row) return []
    switch (row.status) {
      case 'materialized': {
        const { rows, summary } = row
        const made = { dataVersion: row.data_version!, durationMs: row.duration_ms!, failedChecks: row.failed_checks! }
        return [{ asset, status: 'materialized', ...made, rows, summary }]
      }
      case 'fresh':
      case 'cancelled':
        return [{ asset, status: row.status }]
      case 'failed':
        return [{ asset, status: 'failed', failure: row.failure! }]
      case 'upstream_failed':
        return [{ asset, status: 'upstream_failed', upstream: row.upstream!, reason: row.reason! }]
      case 'planned':
      case 'running':
        return []
    }
  })
}
