import { isBlocked } from '../../contract/index.ts'
import { unknownAssets } from '../assets/register.ts'
import type { Database } from '../database/database.ts'
import { toJson, toText } from '../database/json.ts'
import type { NamedStatement } from '../database/pool.ts'
import type { CheckStore } from '../store.ts'
import { resultColumns, resultsIn, resultValues } from './results-sql.ts'

/**
 * Results, events and the blocking state in one statement. The materialisation's row is locked first, so that of two
 * check runs the second sees what the first left; nothing happens if it is no longer the asset's latest, or if the run
 * has recorded results of it already.
 */
const statement: NamedStatement = {
  name: 'traitline_record_checks',
  text: `
with named as materialized (
  select id from traitline.asset where scope_id = $1::integer and key = $3::text
), made as materialized (
  select made.id, made.asset_id, made.failed_checks
  from traitline.materialization made join named on named.id = made.asset_id
  where made.id = $4::bigint
    and not exists (select 1 from traitline.materialization later where later.asset_id = made.asset_id and later.id > made.id)
  for no key update of made
), checked as (
  insert into traitline.check_result
    (materialization_id, run, position, asset_id, ${resultColumns})
  select made.id, $2::text, new.position, made.asset_id, ${resultValues}
  from made, ${resultsIn('$5::jsonb')}
  on conflict do nothing
  returning asset_id, position, name, severity, passed, failures, blocking
), state as (
  update traitline.materialization set failed_checks = array(
    select name from unnest(made.failed_checks) as name
    where name <> all($6::text[]) and name not in (select name from checked)
  ) || $7::text[]
  from made where materialization.id = made.id and (exists (select 1 from checked) or cardinality($6::text[]) > 0)
  returning materialization.asset_id, materialization.failed_checks
), logged as (
  insert into traitline.event (scope_id, run, asset_id, type, data)
  select $1::integer, $2::text, asset_id, 'check_evaluated', jsonb_build_object(
    'name', name, 'severity', severity, 'passed', passed, 'failures', failures, 'blocking', blocking)
  from checked, (select count(*) from state) after
  order by position
  returning sequence
), projected as (
  update traitline.asset_status
  set failed_checks = state.failed_checks, sequence = coalesce(last.sequence, asset_status.sequence)
  from state, (select max(sequence) as sequence from logged) last
  where asset_status.asset_id = state.asset_id
)
select exists (select 1 from named) as known, exists (select 1 from made) as latest`,
}

/** See `CheckStore.record`. */
export async function recordChecks(
  { pool, scopes }: Database,
  { scope, run, asset, materialization, results, gone }: Parameters<CheckStore['record']>[0],
): Promise<boolean> {
  const failed = results.filter(isBlocked).map(({ name }) => toText(name))
  const [answer] = await pool.run<{ readonly known: boolean; readonly latest: boolean }>(statement, [
    await scopes.ensure(scope),
    run,
    asset,
    materialization,
    toJson(results),
    gone,
    failed,
  ])
  if (!answer?.known) throw unknownAssets([asset])
  return answer.latest
}
