import { isBlocked, TraitlineError } from '../../contract/index.ts'
import type { AssetOutcome, Materialization, Scope, StepInput } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import { toJson, toText } from '../database/json.ts'
import type { NamedStatement } from '../database/pool.ts'
import type { AssetStore } from '../store.ts'
import { refreshCounts } from '../runs/counts.ts'
import { readOutcomes } from './outcomes.ts'
import { unknownAssets } from './register.ts'
import { resultColumns, resultsIn, resultValues } from '../checks/results-sql.ts'

type Materialized = Extract<AssetOutcome, { status: 'materialized' }>

/**
 * All of it in one statement, one round trip: materialisation, checks, the run's row, events, status. Each part takes
 * its rows from the one before, so nothing at all happens if the run has materialised the asset already, and the
 * log's lock comes after the other locks. `claim` decides whether there is anything to record, and gives the asset's
 * id; `run` is what the events and the status name.
 */
function recording(claim: string, run: string): string {
  return `
with ran as (
  ${claim}
), made as (
  insert into traitline.materialization (asset_id, run, revision, code_version, data_version, upstream, warehouse,
    rows, started_at, ended_at, duration_ms, statistics, metadata, failed_checks, summary)
  select asset_id, $2::text, $5::integer, $6::text, $7::text, $8::jsonb, $17::text, $9::bigint, $10::timestamptz,
    $10::timestamptz + make_interval(secs => $11::double precision / 1000), $11::double precision, $12::jsonb, $13::jsonb, $15::text[], $16::text
  from ran
  on conflict (run, asset_id) do nothing
  returning id, asset_id, ended_at
), checked as (
  insert into traitline.check_result
    (materialization_id, run, position, asset_id, ${resultColumns})
  select made.id, $2::text, new.position, made.asset_id, ${resultValues}
  from made, ${resultsIn('$14::jsonb')}
  returning asset_id, position, name, severity, passed, failures, blocking
), logged as (
  insert into traitline.event (scope_id, run, asset_id, type, data)
  select $1::integer, ${run}, asset_id, type, data from (
    select asset_id, 0 as position, 'asset_materialized' as type, jsonb_build_object(
      'step', $4::text, 'materialization', id::text, 'dataVersion', $7::text, 'rows', $9::bigint,
      'durationMs', $11::double precision, 'failedChecks', $15::text[], 'summary', $16::text) as data
    from made
    union all
    select asset_id, position, 'check_evaluated', jsonb_build_object(
      'name', name, 'severity', severity, 'passed', passed, 'failures', failures, 'blocking', blocking)
    from checked
  ) happened
  order by position
  returning sequence
), projected as (
  update traitline.asset_status
  set status = 'materialized', run = ${run}, last_attempt = 'succeeded', materialized_at = made.ended_at,
    succeeded_at = made.ended_at,
    duration_ms = $11::double precision, rows = $9::bigint,
    data_version = $7::text, code_version = $6::text, upstream = $8::jsonb, warehouse = $17::text, failed_checks = $15::text[],
    failure = null, sequence = last.sequence, materialized_sequence = last.sequence,
    changed_at = case when data_version is distinct from $7::text then made.ended_at else changed_at end
  from made, (select max(sequence) as sequence from logged) last
  where asset_status.asset_id = made.asset_id
)
select
  (select id::text from made) as id,
  exists (select 1 from traitline.asset where scope_id = $1::integer and key = $3::text) as known,
  exists (select 1 from traitline.run where id = $2::text and ended_at is not null) as run_ended`
}

/**
 * What was materialised is true even if the run has given the asset up in the meantime: it replaces any other outcome.
 */
const ofRun: NamedStatement = {
  name: 'traitline_record_materialization',
  text: recording(
    `insert into traitline.run_asset (run, asset_id, step, status, attempt, started_at, ended_at, summary, rows)
  select $2::text, id, $4::text, 'materialized', 1, $10::timestamptz, clock_timestamp(), $16::text, $9::bigint
  from traitline.asset where scope_id = $1::integer and key = $3::text
  on conflict (run, asset_id) do update
    set status = 'materialized', started_at = coalesce(run_asset.started_at, excluded.started_at),
      ended_at = excluded.ended_at, summary = excluded.summary, rows = excluded.rows,
      failure = null, upstream = null, reason = null
    where run_asset.status <> 'materialized'
  returning asset_id`,
    '$2::text',
  ),
}

/** Without a run; the report's id stands in its place where results are told apart by it. */
const ofReport: NamedStatement = {
  name: 'traitline_record_report',
  text: recording(
    `select id as asset_id from traitline.asset
  where scope_id = $1::integer and key = $3::text
    and not exists (select 1 from traitline.materialization where run = $2::text and asset_id = asset.id)
  for no key update of asset`,
    'null::text',
  ),
}

interface Answer {
  /** Of the materialisation, if it was recorded now. */
  readonly id: string | null
  readonly known: boolean
  readonly run_ended: boolean
}

export async function recordMaterialization(
  database: Database,
  input: StepInput,
  materialization: Materialization,
  summary: string | null,
): Promise<Materialized> {
  const { asset, dataVersion, durationMs, rows } = materialization
  const clause = summary === null ? null : toText(summary)
  const place = { scope: input, run: input.run, step: input.step.id, revision: input.revision, summary: clause }
  const answer = await record(database, ofRun, place, materialization)
  // The run was given up before its step was done: its counts were frozen without this.
  if (answer.id !== null && answer.run_ended) await refreshCounts(database.db, input.run)
  if (answer.id !== null) {
    const failedChecks = failedOf(materialization)
    return { asset, status: 'materialized', dataVersion, rows, durationMs, failedChecks, summary: clause }
  }
  const [first] = await readOutcomes(database, input.run, [asset])
  if (first?.status === 'materialized') return first
  throw conflict(`${asset} is being recorded by another attempt of the same step`)
}

/** See `AssetStore.recordReport`. */
export async function recordReport(
  database: Database,
  { scope, report, revision }: Parameters<AssetStore['recordReport']>[0],
  materialization: Materialization,
): Promise<{ readonly id: string; readonly recorded: boolean }> {
  const place = { scope, run: report, step: null, revision, summary: null }
  const { id } = await record(database, ofReport, place, materialization)
  if (id !== null) return { id, recorded: true }
  const first = await database.db
    .selectFrom('materialization')
    .innerJoin('asset', 'asset.id', 'materialization.asset_id')
    .select('materialization.id')
    .where('asset.scope_id', '=', await database.scopes.ensure(scope))
    .where('asset.key', '=', materialization.asset)
    .where('run', '=', report)
    .executeTakeFirst()
  if (first === undefined) throw conflict(`${materialization.asset} is being reported with the same key`)
  return { id: String(first.id), recorded: false }
}

interface Place {
  readonly scope: Scope
  readonly run: string
  readonly step: string | null
  readonly revision: number
  readonly summary: string | null
}

async function record(
  { pool, scopes }: Database,
  statement: NamedStatement,
  { scope, run, step, revision, summary }: Place,
  materialization: Materialization,
): Promise<Answer> {
  const { asset } = materialization
  const [answer] = await pool.run<Answer>(statement, [
    await scopes.ensure(scope),
    run,
    asset,
    step,
    revision,
    materialization.codeVersion,
    materialization.dataVersion,
    toJson(materialization.upstream),
    materialization.rows,
    materialization.startedAt,
    materialization.durationMs,
    toJson(materialization.statistics),
    toJson(materialization.metadata),
    toJson(materialization.checks),
    failedOf(materialization).map(toText),
    summary,
    materialization.warehouse,
  ])
  if (!answer?.known) throw unknownAssets([asset])
  return answer
}

function failedOf({ checks }: Materialization): readonly string[] {
  return checks.filter(isBlocked).map(({ name }) => name)
}

function conflict(message: string): TraitlineError {
  return new TraitlineError({
    code: 'STORE_CONFLICT',
    message,
    hint: 'It may be tried again as it is.',
    blame: 'system',
  })
}
