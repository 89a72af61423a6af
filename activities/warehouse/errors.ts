import { TraitlineError, type Blame } from '../../orchestrator/contract/index.ts'

/**
 * What goes wrong in any warehouse, in one set of words. The engines' own messages hold values of rows: only what
 * speaks of code, names of relations, columns and files, is taken from them.
 */
export type WarehouseErrorCode = keyof typeof known

const known = {
  SQL_INVALID: ['user', 'Correct the SQL of the definition.'],
  RELATION_MISSING: ['user', 'Check its schema and name, and that it was made before it is read.'],
  COLUMN_MISSING: ['user', 'Check its spelling against the columns of the table.'],
  VALUE_INVALID: ['user', 'Find the rows that do not fit and correct them where they are made, or cast with care.'],
  RELATION_IN_USE: ['user', 'Drop the views that read it, or give the table its old columns back.'],
  SCHEMA_AMBIGUOUS: ['config', 'Let TRAITLINE_WAREHOUSE name a file that is not called like a schema in it.'],
  CSV_INVALID: ['user', 'Correct the file, or the declared columns, delimiter and date format.'],
  FILE_MISSING: ['user', 'Check the path: it is relative to the project, or under TRAITLINE_HOME after `home:`.'],
  FILE_EXISTS: ['system', 'Remove it, or export to another path.'],
  WAREHOUSE_URL_INVALID: ['config', 'Use duckdb:PATH or postgres://user:password@host:port/database.'],
  WAREHOUSE_DENIED: ['config', 'Grant the warehouse’s user what it needs, and check its password.'],
  WAREHOUSE_LOCKED: ['system', 'Close the other program, or let TRAITLINE_WAREHOUSE name another file.'],
  WAREHOUSE_UNUSABLE: [
    'config',
    'Check the file’s path, permissions and version, or let TRAITLINE_WAREHOUSE name another.',
  ],
  WAREHOUSE_FULL: ['system', 'Give it more memory (?memory_limit=8GB in its URL) or free space on its disk.'],
  WAREHOUSE_UNREACHABLE: ['system', 'Start it, or correct TRAITLINE_WAREHOUSE.'],
  WAREHOUSE_LOST: ['system', 'It is started again by the next call; look for what ended it, such as lack of memory.'],
  WAREHOUSE_BUSY: ['system', 'Try again when the calls under way have ended.'],
  WAREHOUSE_CLOSED: ['system', 'The worker is shutting down: the step is tried again by the next one.'],
  WAREHOUSE_LEASED: ['system', 'Call the warehouse after the lease: this is a fault of Traitline, please report it.'],
  WAREHOUSE_TIMEOUT: ['system', 'Look for what makes the statement slow, or allow it more time.'],
  WAREHOUSE_CONFLICT: ['system', 'Another transaction wrote to the same table: try again.'],
  WAREHOUSE_FAILED: ['system', 'Look at the warehouse’s own log, and try again.'],
  ROWS_TOO_MANY: ['system', 'Export them instead, or aggregate in the warehouse.'],
} as const satisfies Record<string, readonly [Blame, string]>

export function warehouseError(
  code: WarehouseErrorCode,
  message: string,
  more: { readonly hint?: string; readonly cause?: unknown } = {},
): TraitlineError {
  const [blame, hint] = known[code]
  return new TraitlineError({ code, message, hint: more.hint ?? hint, blame, cause: more.cause })
}
