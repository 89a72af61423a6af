import pg from 'pg'
import type { BatchResult } from '../kit/index.ts'

const keptDays = 30

/**
 * Remembers batches by id, in the transaction that writes their rows: a batch that is sent again because its
 * acknowledgement was lost changes nothing, and is answered as it was the first time. Only appends and inserts need
 * it: an upsert or a deletion twice is the same as once.
 */
export class BatchLog {
  readonly #client: pg.Client
  readonly #table: string
  readonly #objects: string

  /** Ids are told apart by the objects that the sender writes to. */
  constructor(client: pg.Client, schema: string, objects: readonly string[]) {
    this.#client = client
    this.#objects = [...new Set(objects)].sort().join(' ')
    this.#table = `${pg.escapeIdentifier(schema)}._traitline_batches`
  }

  async ensure(schema: string): Promise<void> {
    await this.#client.query(
      `create schema if not exists ${pg.escapeIdentifier(schema)};
       create table if not exists ${this.#table} (
         id text primary key, at timestamptz not null default now(), result jsonb not null);
       delete from ${this.#table} where at < now() - interval '${keptDays} days'`,
    )
  }

  /** Claims a batch, for the current transaction; or answers what it came to when it was written before. */
  async claim(id: string): Promise<BatchResult | null> {
    const claimed = await this.#client.query(
      `insert into ${this.#table} (id, result) values ($1, '{}') on conflict (id) do nothing`,
      [this.#key(id)],
    )
    if (claimed.rowCount === 1) return null
    const { rows } = await this.#client.query<{ result: BatchResult }>(
      `select result from ${this.#table} where id = $1`,
      [this.#key(id)],
    )
    return rows[0]?.result ?? null
  }

  async record(id: string, result: BatchResult): Promise<void> {
    await this.#client.query(`update ${this.#table} set result = $2 where id = $1`, [
      this.#key(id),
      JSON.stringify(result),
    ])
  }

  #key(id: string): string {
    return `${id} ${this.#objects}`
  }
}
