import type { ColumnSpec } from '../../../orchestrator/contract/index.ts'
import { dialectSql } from '../../../orchestrator/sql/index.ts'
import type { Parameter, Statement } from '../../../orchestrator/sql/statement.ts'
import { parseDateFormat } from '../csv/date-format.ts'
import type { CsvLayout } from '../csv/header.ts'
import type { LoadCsvInput } from '../warehouse.ts'
import type { LoadInput } from './protocol.ts'

const { types: tableTypes } = dialectSql('duckdb')

/** The load as statements: DuckDB reads the files by itself, typed, with all its threads. */
export function duckdbLoad(input: LoadCsvInput, layouts: readonly CsvLayout[]): LoadInput {
  const { relation, columns } = input
  const target = `${quoted(relation.schema)}.${quoted(relation.name)}`
  const definitions = columns.map(({ name, type }) => `${quoted(name)} ${tableTypes[type]}`)
  return {
    before: [{ text: `create or replace table ${target} (${definitions.join(', ')})`, parameters: [] }],
    files: input.paths.map((path, index) => {
      const rejects = `traitline_rejects_${index}`
      const layout = layouts[index] as CsvLayout
      return { rejects, insert: insertFile(target, input, path, layout, rejects) }
    }),
    after: [],
  }
}

function insertFile(target: string, input: LoadCsvInput, path: string, layout: CsvLayout, rejects: string): Statement {
  const format = input.dateFormat === null ? null : parseDateFormat(input.dateFormat)
  const zoned = format === null || format.hasZone
  const fileTypes = layout.names.map((_, position) => {
    const index = layout.positions.indexOf(position)
    return index < 0 ? 'varchar' : fileType(input.columns[index] as ColumnSpec, zoned)
  })
  const values = input.columns.map(({ type }, index) => {
    const position = layout.positions[index]
    if (position === null || position === undefined) return 'null'
    return type === 'timestamp' && zoned ? `c${position} at time zone 'UTC'` : `c${position}`
  })
  const parameters: Parameter[] = [path, input.delimiter]
  if (input.dateFormat !== null) parameters.push(input.dateFormat)
  return {
    text: `insert into ${target} (${input.columns.map(({ name }) => quoted(name)).join(', ')})
      select ${values.join(', ')} from read_csv($1, delim = $2, header = ${input.header}, auto_detect = false,
        quote = '"', escape = '"', max_line_size = 16777216, store_rejects = true,
        rejects_table = '${rejects}', rejects_scan = '${rejects}_scan',
        ${input.dateFormat === null ? '' : 'dateformat = $3, timestampformat = $3,'}
        columns = {${fileTypes.map((type, position) => `'c${position}': '${type}'`).join(', ')}})`,
    parameters,
  }
}

/** A time with an offset is only understood, and not silently cut off, by the type that has one. */
function fileType({ type }: ColumnSpec, zoned: boolean): string {
  return type === 'timestamp' && zoned ? 'timestamptz' : tableTypes[type]
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}
