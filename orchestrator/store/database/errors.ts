import { isTraitlineError, TraitlineError } from '../../contract/index.ts'

/** What a driver's error says of itself; never its message or detail, which may hold values. */
interface DriverError {
  readonly code?: string
  readonly constraint?: string
  readonly table?: string
  readonly message?: string
}

/** `host:port/name`, without user and password. */
export function databaseName(url: string): string {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url)
    const host = hostname || searchParams.get('host') || 'localhost'
    return `${decodeURIComponent(host)}:${port || '5432'}${pathname}`
  } catch {
    return 'of DATABASE_URL'
  }
}

/** Does `work`; errors of the driver come out as TraitlineErrors. */
export async function translated<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw translate(error, url)
  }
}

/** The driver's error as one of ours, naming the database and the fix, and holding no value of any row. */
export function translate(error: unknown, url: string): TraitlineError {
  if (isTraitlineError(error)) return error
  const { code = '', constraint, table, message = '' } = (error ?? {}) as DriverError
  const database = databaseName(url)
  const known = constraint === undefined ? undefined : constraints[constraint]
  if (known) return new TraitlineError(known)
  const place = [code && `SQLSTATE ${code}`, table && `table ${table}`].filter(Boolean).join(', ')
  return new TraitlineError(
    refused(code, database) ??
      unreachable(error, code, message, database) ?? {
        code: 'STORE_FAILED',
        message: `the database ${database} refused a statement${place && ` (${place})`}`,
        hint: 'The log of the database has the details. If it is healthy, please report this with the lines found there.',
        blame: 'system',
      },
  )
}

/** Whether the connection is of no more use after this error. */
export function isLost(error: TraitlineError): boolean {
  return error.code === 'STORE_UNREACHABLE' || error.code === 'STORE_TIMEOUT'
}

type Fields = ConstructorParameters<typeof TraitlineError>[0]

const unknownRun: Fields = {
  code: 'RUN_UNKNOWN',
  message: 'the run is not in the record',
  hint: 'Start runs with `traitline materialize`: it records them before anything works for them.',
  blame: 'system',
}

const constraints: Readonly<Record<string, Fields>> = {
  run_asset_run_fkey: unknownRun,
  materialization_run_fkey: unknownRun,
}

/** The server answered, and its answer is one that people can act upon. */
function refused(code: string, database: string): Fields | null {
  switch (code) {
    case '28P01':
    case '28000':
      return {
        code: 'STORE_UNREACHABLE',
        message: `the database ${database} refuses the user or password`,
        hint: 'Correct the user and password in DATABASE_URL.',
        blame: 'config',
      }
    case '3D000':
      return {
        code: 'STORE_UNREACHABLE',
        message: `the server has no database ${database}`,
        hint: 'Create it with `createdb`, or correct the name in DATABASE_URL.',
        blame: 'config',
      }
    case '42P01':
    case '3F000':
      return {
        code: 'STORE_NOT_MIGRATED',
        message: `the database ${database} lacks tables of Traitline`,
        hint: 'Run `traitline deploy`: it migrates the database first.',
        blame: 'config',
      }
    case '42501':
      return {
        code: 'STORE_FORBIDDEN',
        message: `the user of the database ${database} may not do what Traitline needs`,
        hint: 'Let the user of DATABASE_URL create the schema `traitline`, or make it the owner of that schema.',
        blame: 'config',
      }
    case '57014':
      return {
        code: 'STORE_TIMEOUT',
        message: `a statement in the database ${database} took too long and was cancelled`,
        hint: 'Look for locks and load in the database (pg_stat_activity); what was cancelled is tried again.',
        blame: 'system',
      }
    case '40P01':
    case '40001':
    case '55P03':
      return {
        code: 'STORE_CONFLICT',
        message: `a statement in the database ${database} gave way to another one`,
        hint: 'It may be tried again as it is.',
        blame: 'system',
      }
    case '53100':
      return {
        code: 'STORE_FULL',
        message: `the disk of the database ${database} is full`,
        hint: 'Make room on the disk of the database.',
        blame: 'system',
      }
    default:
      return null
  }
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name could not be looked up',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  '57P01': 'it is being shut down',
  '57P02': 'it crashed',
  '57P03': 'it is starting up or shutting down',
  '53300': 'it has no connection left',
}

function unreachable(error: unknown, code: string, message: string, database: string): Fields | null {
  // A host with several addresses fails with one error for all of them, with the code of the first.
  const first = error instanceof AggregateError ? ((error.errors[0] as DriverError | undefined)?.code ?? '') : ''
  const reason =
    reasons[code] ?? reasons[first] ?? (code.startsWith('08') ? 'the connection broke' : null) ?? lost(message)
  if (reason === null) return null
  return {
    code: 'STORE_UNREACHABLE',
    message: `the database ${database} cannot be reached: ${reason}`,
    hint: 'Start PostgreSQL there, or set DATABASE_URL to where it is; without DATABASE_URL `traitline dev` starts its own.',
    blame: 'system',
  }
}

/** The driver's own errors have no code, only these texts. */
function lost(message: string): string | null {
  if (/timeout exceeded when trying to connect/.test(message)) return 'no connection came free in time'
  if (/timeout/i.test(message)) return 'it does not answer'
  if (/Connection terminated|Client has encountered a connection error|Client was closed/.test(message)) {
    return 'the connection broke'
  }
  return null
}
