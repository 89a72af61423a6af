import { rm, open as openFile } from 'node:fs/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { configError, type RowIssue, type Rows } from '../../kit/index.ts'
import type { Column } from '../columns.ts'
import type { Bookkeeping, Format } from './format.ts'
import { TextFile } from './text-file.ts'

/** Columns with the types of the stream's schema, by DuckDB. */
export const parquet: Format = {
  extension: () => 'parquet',
  columnar: true,

  async open({ path, columns, compression }) {
    const twin = columns.find(({ name }, at) =>
      columns.slice(0, at).some((earlier) => earlier.name.toLowerCase() === name.toLowerCase()),
    )
    if (twin !== undefined) throw configError(`Two columns differ only by case: ${twin.name}. Rename one of them.`)
    const connection = await connect()
    const table = new ParquetTable(connection, columns, `${path}.rows`)
    await table.create()
    return {
      add: (rows, bookkeeping) => table.add(rows, bookkeeping),
      async finish() {
        await table.copyTo(path, compression === 'none' ? 'uncompressed' : (compression ?? 'zstd'))
        connection.closeSync()
      },
      discard: () => Promise.resolve(connection.closeSync()),
    }
  },
}

/** A database in memory for each file: what goes wrong with one leaves nothing behind. */
async function connect(): Promise<DuckDBConnection> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', preserve_insertion_order: 'true' })
  const connection = await instance.connect()
  await connection.run("set TimeZone = 'UTC'")
  return connection
}

class ParquetTable {
  readonly #connection: DuckDBConnection
  readonly #columns: readonly Column[]
  readonly #aside: string

  constructor(connection: DuckDBConnection, columns: readonly Column[], aside: string) {
    this.#connection = connection
    this.#columns = columns
    this.#aside = aside
  }

  async create(): Promise<void> {
    const columns = this.#columns.map(({ property }, at) => `c${at} ${parquetType(property)}`)
    await this.#connection.run(`create table rows (ordinal bigint, ${columns.join(', ')})`)
  }

  /** Types decide in DuckDB alone: what it cannot cast is the row's fault. */
  async add(rows: Rows, bookkeeping: Bookkeeping): Promise<readonly RowIssue[]> {
    await this.#writeAside(rows, bookkeeping)
    const read = ["ordinal: 'BIGINT'", ...this.#columns.map((_, at) => `c${at}: 'VARCHAR'`)].join(', ')
    const cast = this.#columns.map(({ property }, at) => `try_cast(c${at} as ${parquetType(property)}) as v${at}`)
    const bad = this.#columns.map((_, at) => `c${at} is not null and v${at} is null`)
    try {
      await this.#connection.run(
        `create or replace temp table incoming as select *, ${cast.join(', ')}
         from read_json('${this.#aside.replaceAll("'", "''")}', format = 'newline_delimited', columns = {${read}},
                        maximum_object_size = 1073741824)`,
      )
    } finally {
      await rm(this.#aside, { force: true })
    }
    const refused = await this.#connection.runAndReadAll(
      `select cast(ordinal as integer), case ${bad.map((one, at) => `when ${one} then ${at}`).join(' ')} end
       from incoming where ${bad.join(' or ')} order by ordinal`,
    )
    const values = this.#columns.map((_, at) => `v${at}`).join(', ')
    await this.#connection.run(
      `insert into rows select ordinal, ${values} from incoming where not (${bad.join(' or ')}) order by ordinal`,
    )
    return refused.getRows().map(([ordinal, at]): RowIssue => {
      const { name, property } = this.#columns[Number(at)] as Column
      return {
        ordinal: Number(ordinal),
        code: 'invalid_value',
        message: `The value of ${name} is no ${parquetType(property).toLowerCase()}.`,
      }
    })
  }

  async copyTo(path: string, compression: string): Promise<void> {
    const names = this.#columns.map(({ name }, at) => `c${at} as "${name.replaceAll('"', '""')}"`)
    await this.#connection.run(
      `copy (select ${names.join(', ')} from rows order by ordinal)
       to '${path.replaceAll("'", "''")}' (format parquet, compression ${compression})`,
    )
    const file = await openFile(path, 'r+')
    await file.sync()
    await file.close()
  }

  /** As JSON lines under short names; what is nested goes as its text. */
  async #writeAside({ first, values }: Rows, bookkeeping: Bookkeeping): Promise<void> {
    const file = await TextFile.open(this.#aside, 'none')
    let ordinal = first
    await file.writeAll(values, (value) => {
      const cells = this.#columns.map(({ name }, at) => `,"c${at}":${textOf(bookkeeping?.[name] ?? value[name])}`)
      return `{"ordinal":${ordinal++}${cells.join('')}}\n`
    })
    await file.finish()
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  return JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value))
}

const typeNames: Readonly<Record<string, string>> = { boolean: 'BOOLEAN', integer: 'BIGINT', number: 'DOUBLE' }

/** By `type`, `format` and Airbyte's `airbyte_type`. What has no single type is JSON. */
export function parquetType({ type, format, airbyte_type: airbyteType }: Column['property']): string {
  const types = (Array.isArray(type) ? (type as readonly unknown[]) : [type]).filter((name) => name !== 'null')
  if (types.length !== 1) return 'JSON'
  if (types[0] !== 'string') return typeNames[String(types[0])] ?? 'JSON'
  if (airbyteType === 'big_integer') return 'DECIMAL(38, 0)'
  if (format === 'date') return 'DATE'
  if (format === 'date-time')
    return airbyteType === 'timestamp_without_timezone' ? 'TIMESTAMP' : 'TIMESTAMP WITH TIME ZONE'
  return 'VARCHAR'
}
