import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ColumnSpec, Relation } from '../../../orchestrator/contract/index.ts'
import type { Statement } from '../../../orchestrator/sql/statement.ts'
import { csvLayouts } from '../csv/header.ts'
import { csvRejected } from '../csv/rejected.ts'
import { warehouseError } from '../errors.ts'
import { Gate } from '../gate.ts'
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
import { duckdbError } from './errors.ts'
import { HostProcess } from './host-process.ts'
import { duckdbLoad } from './load-csv.ts'
import type { HostError, OperationName, Operations } from './protocol.ts'
import { duckdbLocation, type DuckdbLocation } from './url.ts'

const connections = 4
const closeGraceMs = 10_000

/**
 * DuckDB in a process of its own: the file's lock ends for certain only with the process that has it, and a lease
 * hands the file to dbt or a notebook. The process starts with the first call after a lease, or after a crash.
 */
export class DuckdbWarehouse implements Warehouse {
  readonly dialect = 'duckdb'
  readonly id: string
  readonly ownerFile: string
  private readonly location: DuckdbLocation
  private readonly timeoutMs: number
  private readonly leaseWaitMs: number
  private readonly gate = new Gate()
  private readonly leased = new AsyncLocalStorage<true>()
  private host: Promise<HostProcess> | undefined
  private closed = false

  constructor(options: WarehouseOptions) {
    this.location = duckdbLocation(options.url, options.home)
    this.id = this.location.id
    this.ownerFile = `${this.location.path}.worker`
    this.timeoutMs = options.timeoutMs
    this.leaseWaitMs = options.leaseWaitMs
  }

  identity(): Promise<string> {
    return warehouseIdentity(this)
  }

  query(statement: Statement, call: WarehouseCall & { readonly limit?: number } = {}): Promise<Row[]> {
    return this.call('query', { statement, limit: call.limit ?? defaultRowLimit }, call)
  }

  transaction(statements: readonly Statement[], call: WarehouseCall = {}): Promise<number[]> {
    return this.call('transaction', { statements }, call)
  }

  async describe(relation: Relation, call: WarehouseCall = {}): Promise<ColumnSpec[] | null> {
    return readColumns(await this.query(columnsQuery(relation), call))
  }

  async loadCsv(input: LoadCsvInput, call: WarehouseCall = {}): Promise<number> {
    const layouts = await csvLayouts(input)
    await ensureSchema(this, input.relation.schema)
    const explain = ({ message, rejected }: HostError): unknown => {
      if (rejected === undefined) return duckdbError(message)
      const column = rejected.column === null ? null : (layouts[rejected.file]?.names[rejected.column] ?? null)
      return csvRejected({ ...rejected, path: input.paths[rejected.file] ?? '', column })
    }
    return this.call('load', duckdbLoad(input, layouts), { ...call, explain })
  }

  async exportJsonLines(
    statement: Statement,
    path: string,
    call: WarehouseCall = {},
  ): Promise<{ rows: number; bytes: number }> {
    return exportPrivately(path, () => this.call('export', { statement, path }, call))
  }

  async lease<T>(work: (access: WarehouseAccess) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const leave = await this.enterAlone(this.leaseWaitMs, signal)
    try {
      await this.leave()
      return await this.leased.run(true, () => work({ dialect: 'duckdb', url: `duckdb:${this.location.path}` }))
    } finally {
      leave()
    }
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    const leave = await this.gate.enterAlone(AbortSignal.timeout(closeGraceMs)).catch(() => () => undefined)
    await this.leave()
    leave()
  }

  private async call<Name extends OperationName>(
    operation: Name,
    input: Operations[Name]['input'],
    call: WarehouseCall & { readonly explain?: (error: HostError) => unknown },
  ): Promise<Operations[Name]['output']> {
    this.check()
    const leave = await this.gate.enterShared(call.signal)
    try {
      this.check()
      const host = await this.running()
      return await host.call(operation, input, { ...call, timeoutMs: call.timeoutMs ?? this.timeoutMs })
    } finally {
      leave()
    }
  }

  /** The process that has the file; started if there is none, or if the last one has died. */
  private async running(): Promise<HostProcess> {
    const known = this.host
    const host = await known?.catch(() => undefined)
    if (host?.alive === true) return host
    // Of the calls that find it dead at once, the first starts the next one and the others share that.
    if (this.host === known || this.host === undefined) this.host = this.start()
    return this.host
  }

  private async start(): Promise<HostProcess> {
    const { path, settings } = this.location
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    return HostProcess.start({ path, connections, settings })
  }

  private async leave(): Promise<void> {
    const host = await this.host?.catch(() => undefined)
    this.host = undefined
    await host?.exit()
  }

  private async enterAlone(waitMs: number, signal?: AbortSignal): Promise<() => void> {
    this.check()
    const patience = AbortSignal.timeout(waitMs)
    try {
      return await this.gate.enterAlone(signal === undefined ? patience : AbortSignal.any([signal, patience]))
    } catch (error) {
      if (!patience.aborted || signal?.aborted === true) throw error
      throw warehouseError('WAREHOUSE_BUSY', `The calls under way did not end within ${waitMs / 1000} s for a lease`)
    }
  }

  private check(): void {
    if (this.closed) throw warehouseError('WAREHOUSE_CLOSED', 'The warehouse has been closed')
    if (this.leased.getStore() === true) {
      throw warehouseError('WAREHOUSE_LEASED', 'The warehouse was called by what has its lease, and would wait forever')
    }
  }
}
