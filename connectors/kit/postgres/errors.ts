import pg from 'pg'
import { configError, DestinationError, systemError, transientError } from '../errors.ts'

/** SQLSTATE of a database error; undefined for anything else. */
export function stateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}

/** Whether a row may be to blame: data exceptions, broken constraints, and what triggers raise. */
export function isRowError(error: unknown): error is pg.DatabaseError {
  return isRowState(stateOf(error) ?? '')
}

function isRowState(state: string): boolean {
  return /^2[23]/.test(state) || state === 'P0001'
}

/** Deadlock or serialisation failure: the transaction is undone, and may be tried again as it is. */
export function isRetryable(error: unknown): boolean {
  const state = stateOf(error)
  return state === '40001' || state === '40P01'
}

const rowCodes: Readonly<Record<string, readonly [code: string, reason: string]>> = {
  '22001': ['too_long', 'is too long for the column'],
  '22003': ['out_of_range', 'is out of range for the column'],
  '22007': ['invalid_value', 'is not a date or time'],
  '22008': ['out_of_range', 'is out of range for a date or time'],
  '22021': ['invalid_text', 'holds a character that the database cannot store'],
  '22P02': ['invalid_value', 'is not valid for the column'],
  '22P05': ['invalid_text', 'holds a character that the database cannot store'],
  '23502': ['missing_value', 'is null, and the column must not be'],
  '23503': ['missing_reference', 'refers to a row that is not there'],
  '23505': ['duplicate', 'is taken by another row'],
  '23514': ['check_violated', 'breaks a check of the table'],
}

/**
 * Why a row was not taken, from the names in the error alone: the database's own message quotes the value.
 * `column` is the table's, with its type, where it is known.
 */
export function rowIssue(
  error: pg.DatabaseError,
  ordinal: number,
  column?: { readonly name: string; readonly type: string },
): { ordinal: number; code: string; message: string } {
  const [code, reason] = rowCodes[error.code ?? ''] ?? ['refused', 'was refused by the database']
  const name = column?.name ?? error.column
  const subject =
    name === undefined ? 'A value' : `The value of ${name}${column === undefined ? '' : ` (${column.type})`}`
  const constraint = error.constraint === undefined ? '' : ` (constraint ${error.constraint})`
  return { ordinal, code, message: `${subject} ${reason}${constraint}.` }
}

const configStates: Readonly<Record<string, string>> = {
  '28P01': 'The password is wrong for this user.',
  '28000': 'The server does not let this user in: check the user, and pg_hba.conf or the provider’s access rules.',
  '3D000': 'The database does not exist: create it, or correct its name.',
  '3F000': 'The schema does not exist: create it, or correct its name.',
  '42501':
    'The user lacks a privilege: grant USAGE and CREATE on the schema, and INSERT, UPDATE, DELETE, SELECT on its tables.',
  '25006': 'The server is read-only: it is a replica. Use the primary.',
}

const networkCodes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name could not be resolved',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'it cannot be reached',
  ECONNRESET: 'the connection was cut',
}

/** A driver's error as one that may be shown: without values of rows, with the fix. */
export function translate(error: unknown, server: string): DestinationError {
  if (error instanceof DestinationError) return error
  const state = stateOf(error)
  if (state !== undefined) return ofState(error as pg.DatabaseError, state)
  const code = (error as NodeJS.ErrnoException | null)?.code
  const reason = code === undefined ? undefined : networkCodes[code]
  if (reason !== undefined) return transientError(`PostgreSQL at ${server} cannot be used: ${reason}.`, error)
  const message = error instanceof Error ? error.message : ''
  if (/terminated|timeout|closed|not queryable/i.test(message)) {
    return transientError(`The connection to PostgreSQL at ${server} was lost or could not be made in time.`, error)
  }
  if (/SSL|certificate|self.signed/i.test(message)) {
    return configError(
      `PostgreSQL at ${server} cannot be used with these SSL settings: check ssl or the URL’s sslmode.`,
      error,
    )
  }
  return systemError(`Unexpected failure in talking to PostgreSQL at ${server}.`, error)
}

function ofState(error: pg.DatabaseError, state: string): DestinationError {
  const known = configStates[state]
  if (known !== undefined) return configError(known, error)
  if (isRowState(state)) return systemError(`PostgreSQL refused the rows of a whole batch (${state}).`, error)
  if (/^(08|53|55|57|40)/.test(state))
    return transientError(`PostgreSQL could not go on (${state}): ${error.message}.`, error)
  // Syntax and naming errors quote identifiers only.
  return systemError(`PostgreSQL refused a statement (${state}): ${error.message}.`, error)
}
