import { sql } from 'kysely'
import { TraitlineError } from '../../contract/index.ts'
import type { AssetKey } from '../../contract/index.ts'
import type { Db } from '../database/database.ts'

/** Gives each asset its id and its status row, where it has none yet. */
export async function registerAssets(
  db: Db,
  scopeId: number,
  assets: readonly { readonly key: AssetKey }[],
): Promise<void> {
  // In one order, so that two of these at once cannot wait for each other.
  const keys = assets.map(({ key }) => key).sort()
  await sql`
    with added as (
      insert into traitline.asset (scope_id, key)
      select ${scopeId}::integer, key from unnest(${keys}::text[]) as key
      on conflict do nothing
      returning id
    )
    insert into traitline.asset_status (asset_id) select id from added`.execute(db)
}

export function unknownAssets(keys: readonly string[]): TraitlineError {
  const named = keys.slice(0, 3).join(', ')
  const more = keys.length > 3 ? ` and ${keys.length - 3} more` : ''
  return new TraitlineError({
    code: 'ASSET_UNKNOWN',
    message: `${named}${more}: in no revision of this project`,
    hint: 'Run `traitline deploy`: assets are known from their first revision on.',
    blame: 'user',
  })
}
