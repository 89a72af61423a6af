import type { Statement } from '../../../orchestrator/sql/statement.ts'
import type { Row } from '../warehouse.ts'

/** What the worker and its DuckDB process say to each other, as JSON over the channel that Node gives a child. */

export interface OpenOptions {
  readonly path: string
  readonly connections: number
  /** DuckDB's own settings. */
  readonly settings: Readonly<Record<string, string>>
}

export interface Operations {
  query: { input: { readonly statement: Statement; readonly limit: number }; output: Row[] }
  transaction: { input: { readonly statements: readonly Statement[] }; output: number[] }
  load: { input: LoadInput; output: number }
  export: { input: { readonly statement: Statement; readonly path: string }; output: number }
}

/** The message of the error when a query has more rows than its limit. */
export const tooManyRows = 'ROWS_TOO_MANY'

export type OperationName = keyof Operations

/** One transaction; each file's statement answers how many rows it inserted, and rejected rows end it all. */
export interface LoadInput {
  readonly before: readonly Statement[]
  readonly files: readonly { readonly insert: Statement; readonly rejects: string }[]
  readonly after: readonly Statement[]
}

export type ToHost =
  | ({ readonly type: 'open' } & OpenOptions)
  | { readonly type: 'call'; readonly id: number; readonly operation: OperationName; readonly input: unknown }
  | { readonly type: 'cancel'; readonly id: number }
  /** Close the file and exit. */
  | { readonly type: 'exit' }

export type FromHost =
  | { readonly type: 'opened' }
  | { readonly type: 'not_opened'; readonly message: string }
  | { readonly type: 'result'; readonly id: number; readonly output: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: HostError }

/** DuckDB's message as it is, values included: it goes no further than the worker's translation of it. */
export interface HostError {
  readonly message: string
  readonly rejected?: RejectedRow
}

export interface RejectedRow {
  /** Index of the file in the load. */
  readonly file: number
  readonly line: number
  /** Index of the column in the file; null if the row as a whole is bad. */
  readonly column: number | null
  readonly reason: string
  readonly count: number
}
