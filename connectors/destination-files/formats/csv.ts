import type { RowIssue } from '../../kit/index.ts'
import type { Format } from './format.ts'
import { TextFile } from './text-file.ts'

const special = /[",\r\n]/
/** What spreadsheets take for a formula when a cell begins with it. */
const formula = /^[=+\-@\t\r]/

/**
 * RFC 4180: a header, CRLF, quotes where they are needed. Null is an empty cell, an empty text is `""`; what is nested is
 * JSON.
 */
export const csv: Format = {
  extension: (compression) => (compression === 'gzip' ? 'csv.gz' : 'csv'),
  columnar: true,

  async open({ path, columns, compression, spreadsheetSafe }) {
    const file = await TextFile.open(path, compression)
    const names = columns.map(({ name }) => name)
    await file.write(`${names.map(quoted).join(',')}\r\n`)
    const cell = (value: unknown): string => csvCell(value, spreadsheetSafe)
    return {
      async add({ values }, bookkeeping): Promise<readonly RowIssue[]> {
        await file.writeAll(values, (value) => {
          const row = bookkeeping === null ? value : { ...value, ...bookkeeping }
          return `${names.map((name) => cell(row[name])).join(',')}\r\n`
        })
        return []
      },
      finish: () => file.finish(),
      discard: () => file.discard(),
    }
  },
}

export function csvCell(value: unknown, spreadsheetSafe: boolean): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return quoted(spreadsheetSafe && formula.test(value) ? `'${value}` : value)
  return typeof value === 'object' ? quoted(JSON.stringify(value)) : String(value as number | boolean)
}

function quoted(text: string): string {
  return text === '' || special.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
