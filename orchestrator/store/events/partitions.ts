import type { StorePool } from '../database/pool.ts'

/**
 * Makes the event log's partitions of this month and the next, by the database's clock. What the default partition
 * caught in the meantime moves over. Each statement may be repeated.
 */
export function partitionStatements(): readonly string[] {
  return [0, 1].map(
    (ahead) => `
do $$
declare
  starts timestamp := date_trunc('month', now() at time zone 'UTC') + interval '${ahead} month';
  ends timestamp := starts + interval '1 month';
  name text := 'event_' || to_char(starts, 'YYYY_MM');
begin
  if to_regclass('traitline.' || name) is not null then
    return;
  end if;
  perform pg_advisory_xact_lock(7224860155);
  if to_regclass('traitline.' || name) is not null then
    return;
  end if;
  execute format('create table traitline.%I (like traitline.event including defaults)', name);
  execute format(
    'with moved as (delete from traitline.event_default where at >= %L and at < %L returning *)
     insert into traitline.%I select * from moved', starts || '+00', ends || '+00', name);
  execute format('alter table traitline.event attach partition traitline.%I for values from (%L) to (%L)',
    name, starts || '+00', ends || '+00');
end $$`,
  )
}

const retryAfterMs = 60_000

/** Asks for the partitions once a month a process; the default partition is the net where that fails. */
export class EventPartitions {
  readonly #pool: StorePool
  #ensuredMonth = ''
  #retryAt = 0

  constructor(pool: StorePool) {
    this.#pool = pool
  }

  /** Before an append. Costs nothing but in the first of a month, and never fails one. */
  async ensure(now: Date = new Date()): Promise<void> {
    const month = now.toISOString().slice(0, 7)
    if (this.#ensuredMonth === month || now.getTime() < this.#retryAt) return
    this.#ensuredMonth = month
    try {
      await this.#create()
    } catch {
      this.#ensuredMonth = ''
      this.#retryAt = now.getTime() + retryAfterMs
    }
  }

  async #create(): Promise<void> {
    const connection = await this.#pool.connect()
    try {
      await connection.query('begin')
      // Attaching waits for statements that read the log; an append should not wait for that for long.
      await connection.query(`set local lock_timeout = '2s'`)
      for (const statement of partitionStatements()) await connection.query(statement)
      await connection.query('commit')
    } catch (error) {
      await connection.query('rollback')
      throw error
    } finally {
      connection.release()
    }
  }
}
