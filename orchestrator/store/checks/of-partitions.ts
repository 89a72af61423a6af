import { sql } from 'kysely'
import { isBlocked } from '../../contract/index.ts'
import type { AssetKey, JsonObject, Scope } from '../../contract/index.ts'
import { unknownAssets } from '../assets/register.ts'
import type { Database } from '../database/database.ts'
import { toJson, toText } from '../database/json.ts'
import type { NamedStatement } from '../database/pool.ts'
import type { CheckRow, CheckStore, CheckedPartition } from '../store.ts'
import { resultColumns, resultsIn, resultValues } from './results-sql.ts'

/** Of partitions, what the store of checks knows of materialisations of a whole asset. */
export function createPartitionCheckStore({
  db,
  pool,
  scopes,
}: Database): Pick<CheckStore, 'ofPartitions' | 'partitionsChecked' | 'lastGoodPartition' | 'recordPartition'> {
  /** An asset's id, for use in a statement; without one nothing is found. */
  const idOf = async (scope: Scope, asset: AssetKey) => sql`(
    select id from traitline.asset where scope_id = ${await scopes.find(scope)}::integer and key = ${asset}::text
  )`
  return {
    async ofPartitions(scope, asset, partitions) {
      const { rows } = await sql<CheckedPartition>`
        select partition, made_run as "madeRun", rows, failed_checks as "failedChecks"
        from traitline.asset_partition
        where asset_id = ${await idOf(scope, asset)} and partition = any(${partitions}::text[]) and made_run is not null
        order by position, partition`.execute(db)
      return rows
    },

    async partitionsChecked(scope, asset, run) {
      const { rows } = await sql<{ partition: string }>`
        select distinct partition from traitline.partition_check
        where asset_id = ${await idOf(scope, asset)} and run = ${run}::text`.execute(db)
      return rows.map(({ partition }) => partition)
    },

    async lastGoodPartition(scope, asset, name, { partitions, butOf }) {
      const { rows } = await sql<{ rows: number | null; reference: JsonObject | null }>`
        select good.rows, kept.reference
        from unnest(${partitions}::text[]) with ordinality as wanted (partition, place)
        cross join lateral (
          select asset_id, run, rows from traitline.run_partition ran
          where asset_id = ${await idOf(scope, asset)} and ran.partition = wanted.partition
            and status = 'materialized' and failed_checks = '{}' and (place > 1 or run <> ${butOf}::text)
          order by ended_at desc limit 1
        ) good
        left join lateral (
          select reference from traitline.partition_check held
          where held.asset_id = good.asset_id and held.partition = wanted.partition and made_run = good.run
            and name = ${name}::text and reference is not null
          order by at desc limit 1
        ) kept on true
        order by place limit 1`.execute(db)
      return rows[0] ?? null
    },

    async recordPartition({ scope, run, asset, partition, madeRun, results, gone }) {
      const failed = results.filter(isBlocked).map(({ name }) => toText(name))
      const [answer] = await pool.run<{ readonly known: boolean; readonly latest: boolean }>(statement, [
        ...[await scopes.ensure(scope), run, asset, partition, madeRun, toJson(results), gone, failed],
      ])
      if (!answer?.known) throw unknownAssets([asset])
      return answer.latest
    },
  }
}

/** As for a whole asset: see `recordChecks`. The run that made the partition knows of it too, for it may be compared with. */
const statement: NamedStatement = {
  name: 'traitline_record_partition_checks',
  text: `
with named as materialized (
  select id from traitline.asset where scope_id = $1::integer and key = $3::text
), made as materialized (
  select asset_id, partition, failed_checks
  from traitline.asset_partition join named on named.id = asset_id
  where partition = $4::text and made_run = $5::text
  for no key update of asset_partition
), checked as (
  insert into traitline.partition_check
    (asset_id, partition, run, position, made_run, ${resultColumns})
  select made.asset_id, made.partition, $2::text, new.position, $5::text, ${resultValues}
  from made, ${resultsIn('$6::jsonb')}
  on conflict do nothing
  returning asset_id, partition, position, name, severity, passed, failures, blocking
), settled as materialized (
  select made.asset_id, made.partition, array(
    select name from unnest(made.failed_checks) as name
    where name <> all($7::text[]) and name not in (select name from checked)
  ) || $8::text[] as failed_checks
  from made where exists (select 1 from checked) or cardinality($7::text[]) > 0
), state as (
  update traitline.asset_partition set failed_checks = settled.failed_checks
  from settled
  where asset_partition.asset_id = settled.asset_id and asset_partition.partition = settled.partition
  returning asset_partition.asset_id
), of_run as (
  update traitline.run_partition set failed_checks = settled.failed_checks
  from settled
  where run = $5::text and run_partition.asset_id = settled.asset_id and run_partition.partition = settled.partition
  returning 1
), logged as (
  insert into traitline.event (scope_id, run, asset_id, type, data)
  select $1::integer, $2::text, asset_id, 'check_evaluated', jsonb_build_object(
    'partition', partition, 'name', name, 'severity', severity, 'passed', passed, 'failures', failures,
    'blocking', blocking)
  from checked, (select count(*) from state) after, (select count(*) from of_run) too
  order by position
  returning sequence, asset_id
), projected as (
  update traitline.asset_status set sequence = last.sequence
  from (select asset_id, max(sequence) as sequence from logged group by asset_id) last
  where asset_status.asset_id = last.asset_id
)
select exists (select 1 from named) as known, exists (select 1 from made) as latest`,
}

/** Results of an asset's partitions, latest first; of a run, in the order of time. */
export async function partitionResults(
  { db, scopes }: Database,
  scope: Scope,
  asked: {
    readonly asset?: AssetKey
    readonly run?: string
    readonly name?: string
    readonly partition?: string
    readonly limit: number
  },
): Promise<CheckRow[]> {
  const scopeId = await scopes.find(scope)
  const { asset, run, name, partition, limit } = asked
  const { rows } = await sql<CheckRow>`
    select asset.key as asset, partition, name, severity, passed, failures, message, blocking, metadata, run, at
    from traitline.partition_check join traitline.asset on asset.id = asset_id
    where scope_id = ${scopeId}::integer
      ${asset === undefined ? sql`` : sql`and asset.key = ${asset}::text`}
      ${run === undefined ? sql`` : sql`and run = ${run}::text`}
      ${name === undefined ? sql`` : sql`and name = ${name}::text`}
      ${partition === undefined ? sql`` : sql`and partition = ${partition}::text`}
    order by at ${run === undefined ? sql`desc` : sql`asc`}, asset.key, partition, position
    limit ${limit}`.execute(db)
  return rows
}
