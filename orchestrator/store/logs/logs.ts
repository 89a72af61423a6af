import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import type { LogLimits, LogLine, LogStore, LogStream } from '../store.ts'
import { trimLog } from './trim.ts'

/** Longer lines are cut: a program that prints megabytes in one line prints data, not a log. */
const longestLine = 16_384

const megabyte = 1_048_576

/** Why something failed is most often said at the end, and how it began at the beginning. */
export const logLimits: LogLimits = { firstBytes: 2 * megabyte, lastBytes: 6 * megabyte }

export function createLogStore({ db }: Database, limits: LogLimits = logLimits): LogStore {
  return {
    async append({ run, step, lines }) {
      if (lines.length === 0) return
      const json = toJson(lines.map((line) => ({ ...line, text: cut(line.text) })))
      const digest = createHash('sha256').update(json).digest('base64url')
      const bytes = Buffer.byteLength(json)
      // The stream's row gives each call its own numbers; a call that was made before gives none.
      const { rows } = await sql<{ bytes: number }>`
        with numbered as (
          insert into traitline.log_stream (run, step, lines, bytes)
          select ${run}::text, ${step}::text, ${lines.length}::bigint, ${bytes}::bigint
          where not exists (select 1 from traitline.log_chunk where run = ${run} and step = ${step} and digest = ${digest})
          on conflict (run, step) do update
            set lines = log_stream.lines + excluded.lines, bytes = log_stream.bytes + excluded.bytes
          returning lines, bytes
        ), kept as (
          insert into traitline.log_chunk (run, step, first, count, lines, digest, bytes)
          select ${run}::text, ${step}::text, lines - ${lines.length}::integer + 1, ${lines.length}::integer,
            ${json}::json, ${digest}::text, ${bytes}::integer
          from numbered
          on conflict (run, step, digest) do nothing
        )
        select bytes from numbered`.execute(db)
      const kept = rows[0]?.bytes ?? 0
      if (kept > limits.firstBytes + limits.lastBytes) await trimLog(db, run, step, limits)
    },

    async read(run, step, { after, limit }): Promise<LogLine[]> {
      const { rows } = await sql<{ number: number; line: Omit<LogLine, 'number'>; gap: number; opens: boolean }>`
        select first + position - 1 as number, line, first - expected as gap, position = 1 as opens
        from (
          select first, count, lines, coalesce(lag(first + count) over (order by first), 1) as expected
          from traitline.log_chunk where run = ${run} and step = ${step}
        ) as chunk, json_array_elements(lines) with ordinality as elements (line, position)
        where first + count > ${after}::bigint + 1 and first + position - 1 > ${after}::bigint
        order by first, position
        limit ${limit}`.execute(db)
      return rows
        .flatMap(({ number, line, gap, opens }) => [
          ...(opens && gap > 0 && number - 1 > after ? [leftOut(number - 1, gap, line.at)] : []),
          { number, ...line },
        ])
        .slice(0, limit)
    },

    async steps(run) {
      const rows = await db.selectFrom('log_stream').select('step').where('run', '=', run).orderBy('step').execute()
      return rows.map(({ step }) => step)
    },
  }
}

function leftOut(number: number, lines: number, at: string): LogLine {
  const stream: LogStream = 'structured'
  const text = `… ${lines.toLocaleString('en-US')} lines left out: of a long log its beginning and its end are kept`
  return { number, at, stream, text }
}

function cut(text: string): string {
  return text.length > longestLine ? `${text.slice(0, longestLine)} … (${text.length} characters)` : text
}
