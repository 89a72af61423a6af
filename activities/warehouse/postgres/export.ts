import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { Transform } from 'node:stream'
import type { PoolClient } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { Statement } from '../../../orchestrator/sql/statement.ts'
import { jsonFormat } from './types.ts'

const fetchRows = 5_000

/** Rows as JSON lines into a file that is there and empty. Answers how many. */
export async function exportRows(client: PoolClient, statement: Statement, path: string): Promise<number> {
  const rows = await jsonRows(client, statement)
  const target = createWriteStream(path, { flags: 'r+' })
  if (statement.parameters.length > 0) return throughCursor(client, rows, statement, target)
  const counter = lineCounter()
  // Neither of these two characters occurs in JSON, which escapes them: nothing is quoted.
  const copy = `copy (${rows}) to stdout (format csv, quote e'\\x01', delimiter e'\\x02')`
  await pipeline(client.query(copyTo(copy)), counter.stream, target)
  return counter.lines()
}

/** COPY takes no parameters, a cursor does. */
async function throughCursor(
  client: PoolClient,
  rows: string,
  { parameters }: Statement,
  target: NodeJS.WritableStream,
): Promise<number> {
  let count = 0
  async function* lines(): AsyncGenerator<string> {
    for (;;) {
      const batch = await client.query<[string]>({ text: `fetch ${fetchRows} from exported`, rowMode: 'array' })
      if (batch.rows.length === 0) return
      count += batch.rows.length
      yield batch.rows.map(([line]) => `${line}\n`).join('')
    }
  }
  await client.query('begin read only')
  await client.query(`declare exported no scroll cursor for ${rows}`, [...parameters])
  await pipeline(lines, target)
  await client.query('commit')
  return count
}

/** The query with one column, its row as JSON. */
async function jsonRows(client: PoolClient, { text, parameters }: Statement): Promise<string> {
  const { fields } = await client.query(`select * from (\n${text}\n) as q limit 0`, [...parameters])
  const inner = fields.map((_, index) => `c${index}`).join(', ')
  const formatted = fields.map(
    ({ name, dataTypeID }, index) => `${jsonFormat(dataTypeID, `c${index}`)} as "${name.replaceAll('"', '""')}"`,
  )
  return `select row_to_json(exported_row)::text from (select ${formatted.join(', ')} from (\n${text}\n) as q(${inner})) as exported_row`
}

function lineCounter(): { stream: Transform; lines: () => number } {
  let lines = 0
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++
      done(null, chunk)
    },
  })
  return { stream, lines: () => lines }
}
