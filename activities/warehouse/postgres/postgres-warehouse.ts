import type { PoolClient } from 'pg'
import type { ColumnSpec, Relation } from '../../../orchestrator/contract/index.ts'
import type { Statement } from '../../../orchestrator/sql/statement.ts'
import { csvLayouts } from '../csv/header.ts'
import { warehouseError } from '../errors.ts'
import { warehouseIdentity } from '../identity.ts'
import { exportPrivately } from '../private-export.ts'
import { ensureSchema } from '../schema.ts'
import {
  defaultRowLimit,
  type LoadCsvInput,
  type Row,
  type Warehouse,
  type WarehouseAccess,
  type WarehouseCall,
  type WarehouseOptions,
} from '../warehouse.ts'
import { columnsQuery, readColumns } from './columns.ts'
import { exportRows } from './export.ts'
import { loadFiles } from './load-csv.ts'
import { Sessions } from './session.ts'

/** Postgres takes any number of processes: a lease hands over the URL and nothing waits. */
export class PostgresWarehouse implements Warehouse {
  readonly dialect = 'postgres'
  readonly id: string
  readonly ownerFile = null
  private readonly url: string
  private readonly timeoutMs: number
  private readonly sessions: Sessions

  constructor(options: WarehouseOptions) {
    const place = placeOf(options.url)
    this.id = `postgres-${place}`
    this.url = options.url
    this.timeoutMs = options.timeoutMs
    this.sessions = new Sessions(options.url, place)
  }

  identity(): Promise<string> {
    return warehouseIdentity(this)
  }

  async query(statement: Statement, call: WarehouseCall & { readonly limit?: number } = {}): Promise<Row[]> {
    const limit = call.limit ?? defaultRowLimit
    const { text, parameters } = limited(statement, limit + 1)
    const { rows } = await this.use(call, (client) => client.query<Row>(text, [...parameters]))
    if (rows.length > limit) throw warehouseError('ROWS_TOO_MANY', 'The query has more rows than were asked for')
    return rows
  }

  transaction(statements: readonly Statement[], call: WarehouseCall = {}): Promise<number[]> {
    return this.use(call, (client) =>
      atomically(client, async () => {
        const changed: number[] = []
        for (const { text, parameters } of statements) {
          changed.push((await client.query(text, [...parameters])).rowCount ?? 0)
        }
        return changed
      }),
    )
  }

  async describe(relation: Relation, call: WarehouseCall = {}): Promise<ColumnSpec[] | null> {
    return readColumns(await this.query(columnsQuery(relation), call))
  }

  async loadCsv(input: LoadCsvInput, call: WarehouseCall = {}): Promise<number> {
    const layouts = await csvLayouts(input)
    await ensureSchema(this, input.relation.schema)
    const existing = await this.describe(input.relation, call)
    return this.use(call, (client) => atomically(client, () => loadFiles(client, input, layouts, existing)))
  }

  exportJsonLines(
    statement: Statement,
    path: string,
    call: WarehouseCall = {},
  ): Promise<{ rows: number; bytes: number }> {
    return exportPrivately(path, () => this.use(call, (client) => exportRows(client, statement, path)))
  }

  async lease<T>(work: (access: WarehouseAccess) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted === true) throw signal.reason
    return work({ dialect: 'postgres', url: this.url })
  }

  close(): Promise<void> {
    return this.sessions.close()
  }

  private use<T>(call: WarehouseCall, work: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.sessions.use({ ...call, timeoutMs: call.timeoutMs ?? this.timeoutMs }, work)
  }
}

/** After an error the connection is given up, and Postgres rolls back. */
async function atomically<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
  await client.query('begin')
  const result = await work()
  await client.query('commit')
  return result
}

/** Asks for no more rows than needed, where the statement is one that can be asked from. */
function limited({ text, parameters }: Statement, limit: number): Statement {
  if (!/^\s*(select|with|values|table)\b/i.test(text)) return { text, parameters }
  return { text: `select * from (\n${text}\n) as limited limit ${limit}`, parameters }
}

/** `host:port/database`: no name of a user, no password. */
function placeOf(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url)
    return `${hostname || 'localhost'}:${port || '5432'}/${decodeURIComponent(pathname.slice(1)) || 'postgres'}`
  } catch {
    throw warehouseError('WAREHOUSE_URL_INVALID', 'The URL of the Postgres warehouse cannot be read')
  }
}
