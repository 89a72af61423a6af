import { sql } from 'kysely'
import type {
  AssetKey,
  AutomationFacts,
  AutomationMemory,
  AutomationNews,
  AutomationReader,
} from '../../contract/index.ts'
import { statesOf } from '../assets/states.ts'
import { statusQuery } from '../assets/status.ts'
import type { Db } from '../database/database.ts'

/** Of these, conditions read something: an event of another type changes none. */
const telling = [
  'asset_materialized',
  'asset_fresh',
  'asset_failed',
  'asset_upstream_failed',
  'asset_cancelled',
  'asset_wiped',
  'check_evaluated',
]
/** Of a run that ended before it was planned, its assets have no events. */
const tellingOfRuns = ['run_queued', 'run_finished']

export function createReader(db: Db, scopeId: number): AutomationReader {
  return {
    news: () => readNews(db, scopeId),
    facts: (keys, checks) => readFacts(db, scopeId, keys, checks),
    memories: (keys) => readMemories(db, scopeId, keys),
  }
}

async function readNews(db: Db, scopeId: number): Promise<AutomationNews> {
  const last = await db
    .selectFrom('automation')
    .select(['version', 'revision', 'ticks', 'sequence'])
    .where('scope_id', '=', scopeId)
    .executeTakeFirst()
  const { rows } = await sql<{ sequence: number; now: string }>`
    select coalesce((select sequence from traitline.event order by sequence desc limit 1), 0) as sequence,
      clock_timestamp() as now`.execute(db)
  const { sequence, now } = rows[0]!
  if (!last) return { last: null, sequence, now, changed: [], due: [] }
  const { rows: changed } = await sql<{ key: AssetKey }>`
    select asset.key from traitline.event join traitline.asset on asset.id = asset_id
    where sequence > ${last.sequence}::bigint and event.scope_id = ${scopeId}::integer and type = any(${telling}::text[])
    union
    select unnest(run.targets) from traitline.event join traitline.run on run.id = event.run
    where sequence > ${last.sequence}::bigint and event.scope_id = ${scopeId}::integer
      and type = any(${tellingOfRuns}::text[])`.execute(db)
  const { rows: due } = await sql<{ key: AssetKey }>`
    select asset.key from traitline.automation_asset join traitline.asset on asset.id = asset_id
    where scope_id = ${scopeId}::integer and next_at <= ${now}::timestamptz`.execute(db)
  const keys = (found: readonly { key: AssetKey }[]): AssetKey[] => found.map(({ key }) => key)
  return { last, sequence, now, changed: keys(changed), due: keys(due) }
}

async function readFacts(
  db: Db,
  scopeId: number,
  keys: readonly AssetKey[],
  checks: readonly string[],
): Promise<Record<AssetKey, AutomationFacts>> {
  const rows = await statusQuery(db, scopeId, keys).select('latest_position').execute()
  const runs = await runsUnderWay(db, scopeId)
  const passed =
    checks.length === 0 ? new Map<AssetKey, Record<string, boolean>>() : await verdicts(db, scopeId, checks)
  const states = statesOf(rows, keys)
  const found = new Map(rows.map((row) => [row.key, row]))
  return Object.fromEntries(
    keys.map((key) => [
      key,
      {
        state: states[key]!,
        latestPosition: found.get(key)?.latest_position ?? null,
        materialized: found.get(key)?.materialized_sequence ?? null,
        changedAt: found.get(key)?.changed_at ?? null,
        run: runs.get(key) ?? null,
        checks: passed.get(key) ?? {},
      },
    ]),
  )
}

/** By asset: of runs that have not ended with it, or that are to be started. */
async function runsUnderWay(db: Db, scopeId: number): Promise<Map<AssetKey, string>> {
  const { rows } = await sql<{ key: AssetKey; run: string }>`
    select asset.key, run.id as run from traitline.run
    join traitline.run_asset on run_asset.run = run.id and run_asset.status in ('planned', 'running')
    join traitline.asset on asset.id = asset_id
    where run.scope_id = ${scopeId}::integer and run.ended_at is null
    union all
    select unnest(targets), id from traitline.run
    where scope_id = ${scopeId}::integer and ended_at is null and pages is null
    union all
    select unnest(targets), run from traitline.run_request
    where scope_id = ${scopeId}::integer and settled_at is null`.execute(db)
  return new Map(rows.map(({ key, run }) => [key, run]))
}

async function verdicts(
  db: Db,
  scopeId: number,
  checks: readonly string[],
): Promise<Map<AssetKey, Record<string, boolean>>> {
  const { rows } = await sql<{ key: AssetKey; name: string; passed: boolean }>`
    select distinct on (check_result.asset_id, name) asset.key, name, passed
    from traitline.check_result join traitline.asset on asset.id = asset_id
    where scope_id = ${scopeId}::integer and name = any(${checks}::text[])
    order by check_result.asset_id, name, materialization_id desc, check_result.at desc`.execute(db)
  const found = new Map<AssetKey, Record<string, boolean>>()
  for (const { key, name, passed } of rows) found.set(key, { ...found.get(key), [name]: passed })
  return found
}

async function readMemories(
  db: Db,
  scopeId: number,
  keys: readonly AssetKey[],
): Promise<Record<AssetKey, AutomationMemory>> {
  const { rows } = await sql<AutomationMemory & { key: AssetKey }>`
    select key, condition, cause, run, sequence, ticks, next_at as "nextAt"
    from traitline.automation_asset join traitline.asset on asset.id = asset_id
    where scope_id = ${scopeId}::integer and key = any(${keys}::text[])`.execute(db)
  return Object.fromEntries(rows.map(({ key, ...memory }) => [key, memory]))
}
