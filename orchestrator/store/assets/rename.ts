import { sql } from 'kysely'
import { TraitlineError, type AssetKey } from '../../contract/index.ts'
import type { Db } from '../database/database.ts'

interface Renamed {
  readonly key: AssetKey
  readonly formerly?: AssetKey
}

interface Found {
  readonly from: AssetKey
  readonly to: AssetKey
  /** Id of an asset that has the new key already. */
  readonly taken: number | null
  readonly taken_has_history: boolean
  readonly open_run: string | null
}

/**
 * Gives assets that say what they were called the new key: their id stays, and with it all that ever happened to them.
 * What was renamed before is not found under its old key, so a second call changes nothing. To be called in the
 * deployment's transaction, which holds the scope's lock.
 */
export async function renameAssets(tx: Db, scopeId: number, assets: readonly Renamed[]): Promise<void> {
  const wanted = assets.filter(({ formerly }) => formerly !== undefined)
  if (wanted.length === 0) return
  const { rows } = await sql<Found>`
    select asset.key as from, new.key as to, taken.id as taken,
      exists (select 1 from traitline.materialization where asset_id = taken.id)
        or exists (select 1 from traitline.sync_run where asset_id = taken.id) as taken_has_history,
      (select run.id from traitline.run where run.scope_id = ${scopeId} and ended_at is null
        and asset.key = any(targets) order by number limit 1) as open_run
    from unnest(${wanted.map(({ key }) => key)}::text[], ${wanted.map(({ formerly }) => formerly)}::text[]) as new (key, formerly)
    join traitline.asset on asset.scope_id = ${scopeId} and asset.key = new.formerly
    left join traitline.asset as taken on taken.scope_id = ${scopeId} and taken.key = new.key
    order by asset.id`.execute(tx)
  for (const found of rows) {
    if (found.open_run !== null) throw underWay(found, found.open_run)
    if (found.taken_has_history) throw bothHaveHistory(found)
    // Deployed once without its former name: that it never was anything is all there is to lose.
    if (found.taken !== null) {
      await sql`update traitline.asset set key = key || '~' || id where id = ${found.taken}`.execute(tx)
    }
    await rename(tx, scopeId, found)
  }
}

/**
 * Its table has another name now, so it is to be made anew: its code version says so. What read it knows its version
 * by its new name, and stays fresh if it comes out the same.
 */
async function rename(tx: Db, scopeId: number, { from, to }: Found): Promise<void> {
  await sql`
    with renamed as (
      update traitline.asset set key = ${to} where scope_id = ${scopeId} and key = ${from} returning id
    )
    update traitline.asset_status set code_version = 'renamed:' || code_version
    from renamed where asset_id = renamed.id and code_version is not null`.execute(tx)
  await sql`
    update traitline.asset_status
    set upstream = (upstream - ${from}::text) || jsonb_build_object(${to}::text, upstream -> ${from}::text)
    from traitline.asset
    where asset.id = asset_id and scope_id = ${scopeId} and upstream ? ${from}::text`.execute(tx)
}

function underWay({ from, to }: Found, run: string): TraitlineError {
  return new TraitlineError({
    code: 'RENAME_WHILE_RUNNING',
    message: `${from} cannot become ${to} now: run ${run} is at work on it`,
    hint: `Wait for its end (traitline runs watch ${run}), or cancel it, and deploy again.`,
    blame: 'user',
  })
}

function bothHaveHistory({ from, to }: Found): TraitlineError {
  return new TraitlineError({
    code: 'RENAME_CONFLICT',
    message: `${to} cannot take over the history of ${from}: it has one of its own, from runs under this key`,
    hint: `Leave formerly: '${from}' out of ${to}, or give it a name that was never materialised.`,
    blame: 'user',
  })
}
