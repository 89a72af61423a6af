import { open } from 'node:fs/promises'
import { warehouseError } from '../errors.ts'
import type { LoadCsvInput } from '../warehouse.ts'
import { parseDateFormat } from './date-format.ts'

/** Where each declared column is in a file, from 0; null for one that the file does not have. */
export interface CsvLayout {
  /** Names of the file's columns as messages show them. */
  readonly names: readonly string[]
  readonly positions: readonly (number | null)[]
}

/** The layout of each file, or CSV_INVALID or FILE_MISSING before anything is loaded. */
export async function csvLayouts(input: LoadCsvInput): Promise<CsvLayout[]> {
  if (input.dateFormat !== null) parseDateFormat(input.dateFormat)
  if (!/^[\x09\x20-\x7e]$/.test(input.delimiter) || input.delimiter === '"') {
    throw warehouseError('CSV_INVALID', 'A delimiter of CSV files is one ASCII character and no quote')
  }
  const layouts: CsvLayout[] = []
  for (const path of input.paths) layouts.push(await csvLayout(path, input))
  return layouts
}

/** Matches declared columns to the file's header by name, or by position where there is no header. */
async function csvLayout(path: string, { columns, delimiter, header }: LoadCsvInput): Promise<CsvLayout> {
  if (!header) {
    await firstLine(path)
    return { names: columns.map(({ name }) => name), positions: columns.map((_, index) => index) }
  }
  const names = fields(await firstLine(path), delimiter)
  const lower = names.map((name) => name.toLowerCase())
  const positions = columns.map(({ name }) => {
    const exact = names.indexOf(name)
    const position = exact >= 0 ? exact : lower.indexOf(name.toLowerCase())
    return position < 0 ? null : position
  })
  if (positions.every((position) => position === null)) {
    const found = names.slice(0, 8).join(', ')
    throw warehouseError('CSV_INVALID', `${path} has none of the declared columns; its header begins with: ${found}`, {
      hint: 'Check the delimiter, and that the declared columns have the names of the header.',
    })
  }
  return { names, positions }
}

const longestHeader = 1_048_576

/** The first record, which may span lines if a name in it does. */
async function firstLine(path: string): Promise<string> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw warehouseError(
      'FILE_MISSING',
      `${path} cannot be read: ${error.code === 'ENOENT' ? 'no such file' : error.code}`,
    )
  })
  try {
    const buffer = Buffer.alloc(65_536)
    let text = ''
    while (text.length < longestHeader) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length)
      text += buffer.toString('utf8', 0, bytesRead)
      const end = recordEnd(text)
      if (end >= 0) return text.slice(0, end).replace(/^\uFEFF/, '')
      if (bytesRead === 0) return text.replace(/^\uFEFF/, '')
    }
    throw warehouseError('CSV_INVALID', `${path} has no end of its first line within 1 MB: it is no CSV file`)
  } finally {
    await file.close()
  }
}

function recordEnd(text: string): number {
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '"') quoted = !quoted
    else if (!quoted && (text[index] === '\n' || text[index] === '\r')) return index
  }
  return -1
}

function fields(record: string, delimiter: string): string[] {
  const found: string[] = []
  let field = ''
  let quoted = false
  for (const character of record) {
    if (character === '"') quoted = !quoted
    else if (character === delimiter && !quoted) {
      found.push(field.trim())
      field = ''
    } else field += character
  }
  return [...found, field.trim()]
}
