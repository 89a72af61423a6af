import pg from 'pg'
import { configError, objectOf, operationOf, type ConfiguredAirbyteStream, type RowOperation } from '../kit/index.ts'
import { columnType } from './types.ts'

const quote = pg.escapeIdentifier
const maxIdentifierBytes = 63

export interface Column {
  readonly name: string
  /** As PostgreSQL writes it, with length or precision. */
  readonly type: string
}

/** A table has rows; lists that have members are another matter. */
export type TableOperation = Exclude<RowOperation, 'add' | 'remove'>

/** Where a stream's rows go, as the table is by now. */
export interface Target {
  readonly schema: string
  readonly table: string
  readonly operation: TableOperation
  /** Those that rows of this stream fill. */
  readonly columns: readonly Column[]
  readonly keys: readonly string[]
  /** False if there is no such table, which only a deletion leaves so. */
  readonly exists: boolean
}

/** What a stream asks of its table; checked before anything is changed. */
export interface Wanted {
  readonly schema: string
  readonly table: string
  readonly operation: TableOperation
  readonly columns: readonly Column[]
  readonly keys: readonly string[]
}

export function wantedOf(stream: ConfiguredAirbyteStream, defaultSchema: string): Wanted {
  const table = objectOf(stream)
  const operation = operationOf(stream)
  if (operation === 'add' || operation === 'remove') {
    throw configError(`Stream ${stream.stream.name}: a table has no members, so ${operation} is not offered.`)
  }
  if (stream.destination_sync_mode === 'overwrite') {
    throw configError(
      `Stream ${stream.stream.name}: overwrite is not offered, since tables are never emptied. Use append or append_dedup.`,
    )
  }
  const properties = Object.entries(
    (stream.stream.json_schema['properties'] ?? {}) as Readonly<Record<string, unknown>>,
  )
  if (properties.length === 0) {
    throw configError(
      `Stream ${stream.stream.name}: its json_schema has no properties, so there are no columns to write.`,
    )
  }
  const columns = properties.map(([name, property]) => ({ name, type: columnType(property) }))
  const keys = (stream.primary_key ?? []).map((path) => {
    if (path.length !== 1)
      throw configError(`Stream ${stream.stream.name}: a key inside a nested object is not offered.`)
    return path[0] as string
  })
  if (keys.length === 0 && operation !== 'append') {
    throw configError(`Stream ${stream.stream.name}: ${operation} needs a primary_key.`)
  }
  for (const key of keys) {
    if (!columns.some(({ name }) => name === key)) {
      throw configError(`Stream ${stream.stream.name}: its key ${key} is not among its properties.`)
    }
  }
  const schema = stream.stream.namespace ?? defaultSchema
  for (const name of [schema, table, ...columns.map((column) => column.name)]) {
    if (Buffer.byteLength(name) > maxIdentifierBytes || name.includes('\0') || name === '') {
      throw configError(
        `Stream ${stream.stream.name}: ${JSON.stringify(name)} is no name that PostgreSQL can have: 1 to 63 bytes.`,
      )
    }
  }
  return { schema, table, operation, columns, keys }
}

export function qualified({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return `${quote(schema)}.${quote(table)}`
}

interface Existing {
  readonly columns: readonly (Column & { readonly writable: boolean })[]
  /** Column sets that no two rows share. */
  readonly unique: readonly (readonly string[])[]
}

/** Null if there is no table of this name. */
export async function describeTable(
  client: pg.Client,
  wanted: { readonly schema: string; readonly table: string },
): Promise<Existing | null> {
  const { rows } = await client.query<{ oid: number }>(
    `select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'f', 'v')`,
    [wanted.schema, wanted.table],
  )
  const oid = rows[0]?.oid
  if (oid === undefined) return null
  const columns = await client.query<{ name: string; type: string; writable: boolean }>(
    `select attname as name, format_type(atttypid, atttypmod) as type,
            attgenerated = '' and attidentity <> 'a' as writable
     from pg_attribute where attrelid = $1 and attnum > 0 and not attisdropped order by attnum`,
    [oid],
  )
  const unique = await client.query<{ columns: string[] }>(
    `select array_agg(a.attname::text order by a.attnum) as columns
     from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey[0:i.indnkeyatts - 1])
     where i.indrelid = $1 and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null and i.indexprs is null
     group by i.indexrelid, i.indisprimary order by i.indisprimary desc, i.indexrelid`,
    [oid],
  )
  return { columns: columns.rows, unique: unique.rows.map((row) => row.columns) }
}

/** Makes the table or adds the columns that are missing; nothing is ever dropped or retyped. */
export async function ensureTable(client: pg.Client, wanted: Wanted): Promise<Target> {
  const existing = await describeTable(client, wanted)
  if (existing === null && wanted.operation === 'delete') return { ...wanted, exists: false }
  if (existing === null) await client.query(createTable(wanted))
  else if (wanted.operation !== 'delete')
    for (const statement of addColumns(wanted, existing)) await client.query(statement)
  const table = (await describeTable(client, wanted)) as Existing
  const target = { ...wanted, columns: actualColumns(wanted, table), exists: true }
  if (wanted.operation === 'upsert' || wanted.operation === 'insert') requireUnique(target, table)
  return target
}

function createTable({ schema, table, columns, keys }: Wanted): string {
  const definitions = columns.map(({ name, type }) => `${quote(name)} ${type}`)
  if (keys.length > 0) definitions.push(`primary key (${keys.map(quote).join(', ')})`)
  return `create schema if not exists ${quote(schema)}; create table if not exists ${qualified({ schema, table })} (${definitions.join(', ')})`
}

function addColumns(wanted: Wanted, existing: Existing): string[] {
  const names = new Set(existing.columns.map(({ name }) => name))
  return wanted.columns
    .filter(({ name }) => !names.has(name))
    .map(({ name, type }) => `alter table ${qualified(wanted)} add column if not exists ${quote(name)} ${type}`)
}

/** The stream's columns with the types that they have in the table. A deletion needs its keys alone. */
function actualColumns(wanted: Wanted, table: Existing): Column[] {
  const asked =
    wanted.operation === 'delete' ? wanted.columns.filter(({ name }) => wanted.keys.includes(name)) : wanted.columns
  return asked.map(({ name }) => {
    const column = table.columns.find((candidate) => candidate.name === name)
    if (column === undefined)
      throw configError(`Table ${wanted.schema}.${wanted.table} has no column ${name} to delete by.`)
    if (!column.writable)
      throw configError(`Column ${name} of table ${wanted.schema}.${wanted.table} is generated: do not map it.`)
    return { name, type: column.type }
  })
}

function requireUnique(target: Wanted, table: Existing): void {
  const wantedKey = [...target.keys].sort().join('\0')
  if (table.unique.some((columns) => [...columns].sort().join('\0') === wantedKey)) return
  const list = target.keys.map(quote).join(', ')
  throw configError(
    `Table ${target.schema}.${target.table} has no unique index on its key, which ${target.operation} needs. Run: create unique index on ${qualified(target)} (${list})`,
  )
}
