import { sql } from 'kysely'
import type { Db } from '../database/database.ts'
import type { LogLimits } from '../store.ts'

/**
 * Removes the chunks between a log's beginning and its end. The stream's row is locked first, as by an append, so that
 * two at once count the same bytes once; a second call finds nothing to remove.
 */
export async function trimLog(db: Db, run: string, step: string, limits: LogLimits): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`select 1 from traitline.log_stream where run = ${run} and step = ${step} for update`.execute(tx)
    await sql`
      with chunk as (
        select first, bytes,
          sum(bytes) over (order by first) as up_to_it,
          sum(bytes) over (order by first desc) as from_it
        from traitline.log_chunk where run = ${run} and step = ${step}
      ), removed as (
        delete from traitline.log_chunk using chunk
        where log_chunk.run = ${run} and log_chunk.step = ${step} and log_chunk.first = chunk.first
          and chunk.up_to_it > ${limits.firstBytes} and chunk.from_it > ${limits.lastBytes} and chunk.first > 1
        returning log_chunk.bytes
      )
      update traitline.log_stream set bytes = bytes - coalesce((select sum(bytes) from removed), 0)
      where run = ${run} and step = ${step}`.execute(tx)
  })
}
