import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import type { LogLine, LogStore, LogStream } from '../store.ts'

/** Longer lines are cut: a program that prints megabytes in one line prints data, not a log. */
const longestLine = 16_384

export function createLogStore({ db }: Database): LogStore {
  return {
    async append({ run, step, lines }) {
      if (lines.length === 0) return
      const json = toJson(lines.map((line) => ({ ...line, text: cut(line.text) })))
      const digest = createHash('sha256').update(json).digest('base64url')
      // The stream's row gives each call its own numbers; a call that was made before gives none.
      await sql`
        with numbered as (
          insert into traitline.log_stream (run, step, lines)
          select ${run}::text, ${step}::text, ${lines.length}::bigint
          where not exists (select 1 from traitline.log_chunk where run = ${run} and step = ${step} and digest = ${digest})
          on conflict (run, step) do update set lines = log_stream.lines + excluded.lines
          returning lines
        )
        insert into traitline.log_chunk (run, step, first, count, lines, digest)
        select ${run}::text, ${step}::text, lines - ${lines.length}::integer + 1, ${lines.length}::integer, ${json}::json, ${digest}::text from numbered
        on conflict (run, step, digest) do nothing`.execute(db)
    },

    async read(run, step, { after, limit }): Promise<LogLine[]> {
      const { rows } = await sql<{ number: number; line: { at: string; stream: LogStream; text: string } }>`
        select first + position - 1 as number, line
        from traitline.log_chunk, json_array_elements(lines) with ordinality as elements (line, position)
        where run = ${run} and step = ${step} and first + count > ${after}::bigint + 1 and first + position - 1 > ${after}::bigint
        order by first, position
        limit ${limit}`.execute(db)
      return rows.map(({ number, line }) => ({ number, ...line }))
    },

    async steps(run) {
      const rows = await db.selectFrom('log_stream').select('step').where('run', '=', run).orderBy('step').execute()
      return rows.map(({ step }) => step)
    },
  }
}

function cut(text: string): string {
  return text.length > longestLine ? `${text.slice(0, longestLine)} … (${text.length} characters)` : text
}
