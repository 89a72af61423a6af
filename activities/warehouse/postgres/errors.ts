import { DatabaseError } from 'pg'
import { isTraitlineError, type TraitlineError } from '../../../orchestrator/contract/index.ts'
import { warehouseError, type WarehouseErrorCode } from '../errors.ts'

/**
 * By SQLSTATE: the whole code first, then its class. Messages of classes 22 and 23 quote values and are never taken;
 * those of class 42 speak of the SQL alone.
 */
const codes: Readonly<Record<string, readonly [WarehouseErrorCode, (error: DatabaseError) => string]>> = {
  '42P01': ['RELATION_MISSING', firstLine],
  '3F000': ['RELATION_MISSING', firstLine],
  '42703': ['COLUMN_MISSING', firstLine],
  '42501': ['WAREHOUSE_DENIED', firstLine],
  '2BP01': ['RELATION_IN_USE', firstLine],
  '57014': ['WAREHOUSE_TIMEOUT', () => 'The statement was cancelled'],
  '22': ['VALUE_INVALID', (error) => `A value did not fit: ${withoutValues(error)}`],
  '23': ['VALUE_INVALID', (error) => `A constraint was violated${error.constraint ? `: ${error.constraint}` : ''}`],
  '25': ['WAREHOUSE_FAILED', firstLine],
  '28': ['WAREHOUSE_DENIED', firstLine],
  '3D': ['WAREHOUSE_DENIED', firstLine],
  '40': ['WAREHOUSE_CONFLICT', () => 'The transaction met another one'],
  '42': ['SQL_INVALID', (error) => `Postgres refuses the SQL: ${firstLine(error)}`],
  '53': ['WAREHOUSE_FULL', firstLine],
  '57': ['WAREHOUSE_LOST', () => 'Postgres ended the connection'],
  '08': ['WAREHOUSE_LOST', () => 'The connection to Postgres broke'],
}

/** `place` names host, port and database, never the password. */
export function postgresError(error: unknown, place: string): TraitlineError {
  if (isTraitlineError(error)) return error
  if (error instanceof DatabaseError) {
    const code = error.code ?? ''
    const [known, words] = codes[code] ??
      codes[code.slice(0, 2)] ?? ['WAREHOUSE_FAILED', () => `Postgres failed: ${code}`]
    return warehouseError(known, words(error))
  }
  const { code, message } = error as NodeJS.ErrnoException
  if (code !== undefined && /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ECONNRESET|EPIPE)$/.test(code)) {
    return warehouseError('WAREHOUSE_UNREACHABLE', `The warehouse ${place} does not answer: ${code}`)
  }
  if (/timeout|terminated|not queryable|Connection ended/i.test(message ?? '')) {
    return warehouseError('WAREHOUSE_LOST', `The connection to the warehouse ${place} broke`)
  }
  return warehouseError('WAREHOUSE_FAILED', `The warehouse ${place} failed`)
}

function firstLine({ message }: DatabaseError): string {
  return (message.split('\n')[0] ?? '').replace(/'[^']*'/g, "'...'")
}

/** `invalid input syntax for type double precision: "abc"` up to the colon; other messages by their quotes. */
function withoutValues({ message }: DatabaseError): string {
  return (message.split('\n')[0] ?? '')
    .replace(/:.*$/, '')
    .replace(/"[^"]*"/g, '"..."')
    .replace(/-?\d+(\.\d+)?/g, '...')
}
