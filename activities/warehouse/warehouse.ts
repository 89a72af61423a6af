import type { ColumnSpec, JsonValue, Relation } from '../../orchestrator/contract/index.ts'
import type { Dialect, Statement } from '../../orchestrator/sql/statement.ts'

/** A row as JSON: timestamps ISO 8601 in UTC, integers beyond 2^53 and decimals as text. */
export type Row = Readonly<Record<string, JsonValue>>

export interface WarehouseCall {
  readonly signal?: AbortSignal
  /** Milliseconds; the statement is cancelled in the warehouse after them. */
  readonly timeoutMs?: number
}

export interface LoadCsvInput {
  readonly relation: Relation
  readonly columns: readonly ColumnSpec[]
  /** Absolute. */
  readonly paths: readonly string[]
  /** One character. */
  readonly delimiter: string
  readonly header: boolean
  /** How dates and timestamps are written, in strptime's letters Y m b B d H M S f z; null for ISO 8601. */
  readonly dateFormat: string | null
}

/** How another process reaches the warehouse while it has the lease. */
export interface WarehouseAccess {
  readonly dialect: Dialect
  /** `duckdb:/path/to/file` or a `postgres://` URL. */
  readonly url: string
}

/**
 * A warehouse behind one interface. One object per process and warehouse; calls may overlap.
 * Errors are TraitlineErrors without values of rows in them.
 */
export interface Warehouse {
  readonly dialect: Dialect
  /** Names the warehouse in task queues: stable for a URL, without credentials. */
  readonly id: string
  /** Which file says that a process owns it, where only one may at a time; null where any number may. */
  readonly ownerFile: string | null
  /** Of the content: made when the warehouse was first used, lost with its file. In `Materialization.warehouse`. */
  identity(): Promise<string>
  /** At most `limit` rows (default 10,000; more is an error): for statistics and previews, never for data. */
  query(statement: Statement, call?: WarehouseCall & { readonly limit?: number }): Promise<Row[]>
  /** All in one transaction, or none. Answers each statement's affected rows. */
  transaction(statements: readonly Statement[], call?: WarehouseCall): Promise<number[]>
  /** Columns of a table or view, null if there is none. */
  describe(relation: Relation, call?: WarehouseCall): Promise<ColumnSpec[] | null>
  /**
   * Creates or replaces the table from CSV files in one transaction: all rows or the old table. Answers its rows.
   * With a header columns are matched by name, and one that a file does not have is null; without it by position.
   * An empty field is null. Times without an offset are in UTC. A row that does not fit: CSV_INVALID with its place.
   */
  loadCsv(input: LoadCsvInput, call?: WarehouseCall): Promise<number>
  /** Writes a query's rows, in its order, as JSON lines to a new file that only its owner may read. Memory stays flat. */
  exportJsonLines(
    statement: Statement,
    path: string,
    call?: WarehouseCall,
  ): Promise<{ readonly rows: number; readonly bytes: number }>
  /**
   * Runs `work` while no other call holds the warehouse, so that a process started by it may: for DuckDB its own
   * process has left the file. For Postgres nothing is to be handed over.
   */
  lease<T>(work: (access: WarehouseAccess) => Promise<T>, signal?: AbortSignal): Promise<T>
  close(): Promise<void>
}

export const defaultRowLimit = 10_000

export interface WarehouseOptions {
  /** `duckdb:PATH[?memory_limit=8GB&threads=4]` or `postgres://...`. */
  readonly url: string
  /** TRAITLINE_HOME: what a relative path is relative to. */
  readonly home: string
  /** For calls that set none. */
  readonly timeoutMs: number
  /** How long a lease waits for calls under way. */
  readonly leaseWaitMs: number
}
