import type { ColumnSpec, ColumnType, Relation } from '../../../orchestrator/contract/index.ts'
import type { Statement } from '../../../orchestrator/sql/statement.ts'
import type { Row } from '../warehouse.ts'

export function columnsQuery({ schema, name }: Relation): Statement {
  return {
    text: `select column_name, data_type from duckdb_columns()
      where database_name = current_database() and lower(schema_name) = lower($1) and lower(table_name) = lower($2)
      order by column_index`,
    parameters: [schema, name],
  }
}

export function readColumns(rows: readonly Row[]): ColumnSpec[] | null {
  if (rows.length === 0) return null
  return rows.map((row) => ({ name: String(row['column_name']), type: columnType(String(row['data_type'])) }))
}

const simple: readonly (readonly [RegExp, ColumnType])[] = [
  [/(\[\d*\]|^(STRUCT|MAP|UNION)\b.*|^JSON|^VARIANT)$/, 'json'],
  [/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/, 'integer'],
  [/^(FLOAT|DOUBLE|DECIMAL.*|BIGNUM)$/, 'number'],
  [/^BOOLEAN$/, 'boolean'],
  [/^TIMESTAMP/, 'timestamp'],
  [/^DATE$/, 'date'],
]

function columnType(type: string): ColumnType {
  return simple.find(([pattern]) => pattern.test(type))?.[1] ?? 'text'
}
