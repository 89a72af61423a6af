import type { DuckDBConnection } from '@duckdb/node-api'
import type { RejectedRow } from './protocol.ts'

/** A file had rows that do not fit; the first of them stands for all. */
export class RowsRejected extends Error {
  readonly row: RejectedRow

  constructor(row: RejectedRow) {
    super('Rows were rejected')
    this.row = row
  }
}

/** Throws RowsRejected if `read_csv` put rows into its table of rejects, and removes that table. */
export async function throwRejects(connection: DuckDBConnection, rejects: string, file: number): Promise<void> {
  const [first] = (
    await connection.runAndReadAll(
      `select line, column_idx, error_type, count(*) over () as rejected from ${rejects} order by line, column_idx limit 1`,
    )
  ).getRowObjectsJson()
  await connection.run(`drop table ${rejects}`)
  await connection.run(`drop table ${rejects}_scan`)
  if (first === undefined) return
  const type = String(first['error_type'])
  throw new RowsRejected({
    file,
    line: Number(first['line']),
    column: type === 'CAST' ? Number(first['column_idx']) - 1 : null,
    reason: reasons[type] ?? 'it cannot be read',
    count: Number(first['rejected']),
  })
}

const reasons: Readonly<Record<string, string>> = {
  CAST: 'its value does not fit the declared type',
  'MISSING COLUMNS': 'it has too few columns',
  'TOO MANY COLUMNS': 'it has too many columns',
  'UNQUOTED VALUE': 'a quote is not closed',
  'LINE SIZE OVER MAXIMUM': 'it is too long',
  'INVALID ENCODING': 'it is not UTF-8',
}
