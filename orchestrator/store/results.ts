import { sql } from 'kysely'
import type { JsonObject, JsonValue } from '../contract/index.ts'
import type { Database } from './database/database.ts'
import { toJson } from './database/json.ts'

/** An answer that somebody waits for: masked, and, where values were asked for, sealed for whoever asked. */
export interface StoredResult {
  readonly answer: unknown
  readonly sealed: string | null
}

/** Answers that do not go through a history: kept for minutes, and lost with a crash of the database. */
export interface ResultStore {
  /** The same id again replaces it. Removes what is older than a quarter of an hour. */
  put(id: string, result: StoredResult): Promise<void>
  get(id: string): Promise<StoredResult | null>
}

export function createResultStore({ db }: Database): ResultStore {
  return {
    async put(id, { answer, sealed }) {
      await sql`delete from traitline.result where created_at < now() - interval '15 minutes'`.execute(db)
      await sql`
        insert into traitline.result (id, answer, sealed) values (${id}, ${toJson(answer as JsonValue)}, ${sealed})
        on conflict (id) do update set answer = excluded.answer, sealed = excluded.sealed, created_at = now()`.execute(
        db,
      )
    },
    async get(id) {
      const { rows } = await sql<{ answer: JsonObject; sealed: string | null }>`
        select answer, sealed from traitline.result where id = ${id}`.execute(db)
      return rows[0] ?? null
    },
  }
}
