import { sql } from 'kysely'
import type { AssetKey } from '../../contract/index.ts'
import type { Db } from '../database/database.ts'
import type { BuildRow } from '../store.ts'

/** One look into an index an asset: 10,000 of them are read in a fraction of a second. */
export async function readBuilds(db: Db, scopeId: number, keys: readonly AssetKey[]): Promise<BuildRow[]> {
  const { rows } = await sql<BuildRow & { runs: string[]; durations: number[] }>`
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
  return rows.map(({ asset, run, revision, endedAt, warehouse, runs, durations }) => ({
    asset,
    run,
    revision,
    endedAt,
    warehouse,
    recent: runs.map((each, at) => ({ run: each, durationMs: durations[at]! })),
  }))
}
