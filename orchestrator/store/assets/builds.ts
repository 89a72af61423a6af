import { sql } from 'kysely'
import type { AssetKey } from '../../contract/index.ts'
import type { Db } from '../database/database.ts'
import type { BuildRow } from '../store.ts'

/** One look into an index an asset: 10,000 of them are read in a fraction of a second. */
export async function readBuilds(db: Db, scopeId: number, keys: readonly AssetKey[]): Promise<BuildRow[]> {
  const { rows } = await sql<Stored>`
    select asset.key as asset, runs[1] as run, revisions[1] as revision, ended[1] as "endedAt",
      warehouses[1] as warehouse, runs, durations
    from traitline.asset
    cross join lateral (
      select array_agg(run order by id desc) as runs, array_agg(duration_ms order by id desc) as durations,
        array_agg(revision order by id desc) as revisions, array_agg(warehouse order by id desc) as warehouses,
        array_agg(ended_at order by id desc) as ended
      from (
        select id, run, revision, ended_at, warehouse, duration_ms from traitline.materialization
        where asset_id = asset.id order by id desc limit 5
      ) as latest
    ) as made
    where asset.scope_id = ${scopeId} and asset.key = any(${keys}::text[]) and runs is not null`.execute(db)
  return [...rows, ...(await readPartitionBuilds(db, scopeId, keys))].map(rowOf)
}

type Stored = BuildRow & { readonly runs: readonly string[]; readonly durations: readonly number[] }

function rowOf({ asset, run, revision, endedAt, warehouse, runs, durations }: Stored): BuildRow {
  return {
    asset,
    run,
    revision,
    endedAt,
    warehouse,
    recent: runs.map((each, at) => ({ run: each, durationMs: durations[at]! })),
  }
}

/** The same of assets with partitions, by the latest of those. */
async function readPartitionBuilds(db: Db, scopeId: number, keys: readonly AssetKey[]): Promise<Stored[]> {
  const { rows } = await sql<Stored>`
    select asset.key as asset, runs[1] as run, run.revision, ended[1] as "endedAt", warehouses[1] as warehouse, runs,
      durations
    from traitline.asset
    join traitline.partition_total total on total.asset_id = asset.id and total.made > 0
    cross join lateral (
      select array_agg(made_run order by position desc) as runs, array_agg(duration_ms order by position desc) as durations,
        array_agg(warehouse order by position desc) as warehouses,
        array_agg(materialized_at order by position desc) as ended
      from (
        select position, made_run, materialized_at, warehouse, duration_ms from traitline.asset_partition
        where asset_id = asset.id and made_run is not null
        order by position desc, partition desc limit 5
      ) as latest
    ) as made
    join traitline.run on run.id = runs[1]
    where asset.scope_id = ${scopeId} and asset.key = any(${keys}::text[])`.execute(db)
  return rows
}
