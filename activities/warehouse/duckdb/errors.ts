import type { TraitlineError } from '../../../orchestrator/contract/index.ts'
import { warehouseError, type WarehouseErrorCode } from '../errors.ts'
import { tooManyRows } from './protocol.ts'

type Rule = readonly [pattern: RegExp, code: WarehouseErrorCode, words: (match: RegExpExecArray) => string]

/** What a value was to become. Listed, since what else follows a `to` may be part of the value. */
const type =
  '(U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER|8|16|32|64|128)?|DOUBLE|FLOAT|DECIMAL|BOOL(?:EAN)?|DATE|TIME(?:STAMP)?|JSON)'
const conversion = '^(?:Conversion|Out of Range|Invalid Input|Mismatch Type) Error'

/** First that fits. What follows a value in DuckDB's message is never taken. */
const rules: readonly Rule[] = [
  [new RegExp(`^${tooManyRows}$`), 'ROWS_TOO_MANY', () => 'The query has more rows than were asked for'],
  [/^INTERRUPT Error/, 'WAREHOUSE_TIMEOUT', () => 'The statement was interrupted'],
  [
    /^Catalog Error: (?:Table|View|Schema) with name "?([^"\s]+)"? does not exist/,
    'RELATION_MISSING',
    ([, name]) => `${name} is not in the warehouse`,
  ],
  [
    /^Binder Error: Referenced column "([^"]+)" not found/,
    'COLUMN_MISSING',
    ([, name]) => `There is no column ${name}`,
  ],
  [
    /^Binder Error: (?:Table|Values list) "([^"]+)" does not have a column named "([^"]+)"/,
    'COLUMN_MISSING',
    ([, table, name]) => `${table} has no column ${name}`,
  ],
  [
    new RegExp(`${conversion}[^]*(?:to '?|destination type )${type}`),
    'VALUE_INVALID',
    ([, to]) => `A value could not be converted to ${to}`,
  ],
  [new RegExp(conversion), 'VALUE_INVALID', () => 'A value could not be converted or was out of range'],
  [/^Constraint Error/, 'VALUE_INVALID', () => 'A constraint was violated'],
  [/^Dependency Error/, 'RELATION_IN_USE', () => 'Something in the warehouse depends on the table'],
  [/^Out of Memory Error/, 'WAREHOUSE_FULL', () => 'DuckDB ran out of memory'],
  [/^TransactionContext Error/, 'WAREHOUSE_CONFLICT', () => 'The transaction met another one'],
  [/^IO Error: No files found/, 'FILE_MISSING', () => 'A file is not there'],
  [/^IO Error:.*(?:No space left|disk is full)/i, 'WAREHOUSE_FULL', () => 'The disk is full'],
  [
    /Ambiguous reference to catalog or schema "([^"]+)"/,
    'SCHEMA_AMBIGUOUS',
    ([, name]) => `The schema ${name} has the name of the DuckDB file`,
  ],
  [
    /^(?:Parser|Binder|Catalog|Not implemented) Error: (.*)/,
    'SQL_INVALID',
    ([, why]) => `DuckDB refuses the SQL: ${withoutLiterals(why ?? '')}`,
  ],
  [/^(\w+(?: \w+)? Error)/, 'WAREHOUSE_FAILED', ([, type]) => `DuckDB failed: ${type}`],
]

export function duckdbError(reported: string): TraitlineError {
  const message = reported.replace(/^Failed to [a-z ]+: /, '')
  for (const [pattern, code, words] of rules) {
    const match = pattern.exec(message)
    if (match !== null) return warehouseError(code, words(match))
  }
  return warehouseError('WAREHOUSE_FAILED', 'DuckDB failed')
}

/** Why a file could not be opened; the lock's holder is named if DuckDB knows it. */
export function openError(path: string, message: string): TraitlineError {
  const lock = /Conflicting lock is held in (.*?) \(PID (\d+)\)/.exec(message)
  if (lock !== null) {
    return warehouseError('WAREHOUSE_LOCKED', `${path} is open in another program: ${lock[1]}, process ${lock[2]}`)
  }
  if (isLocked(message)) return warehouseError('WAREHOUSE_LOCKED', `${path} is open in another program`)
  return warehouseError('WAREHOUSE_UNUSABLE', `DuckDB cannot open ${path}: ${message.split('\n')[0]}`)
}

export function isLocked(message: string): boolean {
  return message.includes('Could not set lock on file')
}

/** A message that quotes SQL may quote a literal of it. */
function withoutLiterals(message: string): string {
  return message.replace(/'[^']*'/g, "'...'")
}
