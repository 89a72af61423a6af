import type { JsonData } from '../kit/index.ts'
import { copyField } from '../kit/postgres/index.ts'
import type { Column } from './table.ts'

const chunkChars = 64 * 1024

/** A row that is to be written, under its ordinal in the batch. */
export interface StagedRow {
  readonly ordinal: number
  readonly value: JsonData
}

function renderPlain(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return copyField(value)
    case 'number':
      return String(value)
    case 'boolean':
      return value ? 't' : 'f'
    default:
      return value === null || value === undefined ? '\\N' : copyField(JSON.stringify(value))
  }
}

function renderJson(value: unknown): string {
  return value === null || value === undefined ? '\\N' : copyField(JSON.stringify(value))
}

/** Rows in COPY's text format, the ordinal first, in chunks of some 64 KiB. */
export function* copyText(
  columns: readonly Column[],
  rows: readonly StagedRow[],
  from: number,
  to: number,
): Generator<Buffer> {
  const fields = columns.map(({ name, type }) => ({ name, render: /^jsonb?$/.test(type) ? renderJson : renderPlain }))
  let text = ''
  for (let index = from; index < to; index++) {
    const { ordinal, value } = rows[index] as StagedRow
    text += ordinal
    for (const { name, render } of fields) text += `\t${render(value[name])}`
    text += '\n'
    if (text.length >= chunkChars) {
      yield Buffer.from(text)
      text = ''
    }
  }
  if (text !== '') yield Buffer.from(text)
}
