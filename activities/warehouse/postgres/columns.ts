import type { ColumnSpec, ColumnType, Relation } from '../../../orchestrator/contract/index.ts'
import type { Statement } from '../../../orchestrator/sql/statement.ts'
import type { Row } from '../warehouse.ts'

export function columnsQuery({ schema, name }: Relation): Statement {
  return {
    text: `select a.attname::text as name, t.typname::text as type
      from pg_catalog.pg_attribute a
      join pg_catalog.pg_class c on c.oid = a.attrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      join pg_catalog.pg_type t on t.oid = a.atttypid
      where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and a.attnum > 0 and not a.attisdropped
      order by a.attnum`,
    parameters: [schema, name],
  }
}

export function readColumns(rows: readonly Row[]): ColumnSpec[] | null {
  if (rows.length === 0) return null
  return rows.map((row) => ({ name: String(row['name']), type: columnType(String(row['type'])) }))
}

const named: Readonly<Record<string, ColumnType>> = {
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  float4: 'number',
  float8: 'number',
  numeric: 'number',
  bool: 'boolean',
  timestamp: 'timestamp',
  timestamptz: 'timestamp',
  date: 'date',
  json: 'json',
  jsonb: 'json',
}

function columnType(type: string): ColumnType {
  // An array's type has its element's name after an underscore.
  return named[type] ?? (type.startsWith('_') ? 'json' : 'text')
}
