import { sql } from 'kysely'
import type { Scope } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import type { PartitionStore } from './types.ts'

/** Keys of dynamic dimensions. */
export function createPartitionKeys({ db, scopes }: Database): Pick<PartitionStore, 'keys' | 'addKeys' | 'removeKeys'> {
  return {
    async keys(scope: Scope, set: string) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return []
      const { rows } = await sql<{ key: string }>`
        select key from traitline.partition_key where scope_id = ${scopeId} and set_name = ${set}
        order by position`.execute(db)
      return rows.map(({ key }) => key)
    },
    async addKeys(scope, set, keys) {
      const scopeId = await scopes.ensure(scope)
      const { rows } = await sql`
        insert into traitline.partition_key (scope_id, set_name, key)
        select ${scopeId}::integer, ${set}::text, key from unnest(${keys}::text[]) with ordinality as new (key, place)
        order by place
        on conflict do nothing returning 1`.execute(db)
      return rows.length
    },
    async removeKeys(scope, set, keys) {
      const scopeId = await scopes.find(scope)
      const { rows } = await sql`
        delete from traitline.partition_key
        where scope_id = ${scopeId}::integer and set_name = ${set}::text and key = any(${keys}::text[])
        returning 1`.execute(db)
      return rows.length
    },
  }
}
