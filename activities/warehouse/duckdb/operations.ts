import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBTypeId as Type,
  SQLNULL,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api'
import type { Parameter, Statement } from '../../../orchestrator/sql/statement.ts'
import { readRows } from './json.ts'
import type { ConnectionPool } from './pool.ts'
import { tooManyRows, type OperationName, type Operations } from './protocol.ts'
import { throwRejects } from './rejects.ts'

/** What the process that holds the file can do. Each takes a connection of its own. */
export const operations: {
  readonly [Name in OperationName]: (
    pool: ConnectionPool,
    input: Operations[Name]['input'],
    signal: AbortSignal,
  ) => Promise<Operations[Name]['output']>
} = {
  query: (pool, { statement, limit }, signal) =>
    pool.use(signal, async (connection) => {
      const { values, types } = bind(statement.parameters)
      const reader = await connection.streamAndReadUntil(statement.text, limit + 1, values, types)
      // Thrown, so that the connection goes and with it the result that nobody reads to its end.
      if (reader.currentRowCount > limit) throw new Error(tooManyRows)
      return readRows(reader)
    }),

  transaction: (pool, { statements }, signal) =>
    retryConflicts(signal, () =>
      pool.use(signal, (connection) => atomically(connection, () => runAll(connection, statements))),
    ),

  load: (pool, { before, files, after }, signal) =>
    retryConflicts(signal, () =>
      pool.use(signal, (connection) =>
        atomically(connection, async () => {
          await runAll(connection, before)
          let rows = 0
          for (const [index, { insert, rejects }] of files.entries()) {
            const [inserted] = await runAll(connection, [insert])
            await throwRejects(connection, rejects, index)
            rows += inserted ?? 0
          }
          await runAll(connection, after)
          return rows
        }),
      ),
    ),

  export: (pool, { statement, path }, signal) =>
    pool.use(signal, async (connection) => {
      const { values, types } = bind(statement.parameters)
      const columns = await formattedColumns(connection, statement.text)
      const names = columns.map((_, index) => `c${index}`).join(', ')
      const copy = `copy (select ${columns.join(', ')} from (\n${statement.text}\n) as q(${names}))
        to '${path.replaceAll("'", "''")}' (format json, use_tmp_file false)`
      return (await connection.run(copy, values, types)).rowsChanged
    }),
}

async function runAll(connection: DuckDBConnection, statements: readonly Statement[]): Promise<number[]> {
  const changed: number[] = []
  for (const { text, parameters } of statements) {
    const { values, types } = bind(parameters)
    changed.push((await connection.run(text, values, types)).rowsChanged)
  }
  return changed
}

async function atomically<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run('begin transaction')
  try {
    const result = await work()
    await connection.run('commit')
    return result
  } catch (error) {
    await connection.run('rollback').catch(() => undefined)
    throw error
  }
}

const conflictRetries = 5

/**
 * Two transactions that touch the same entry of the catalog, such as a schema, or the same key, do not wait: the later
 * one fails, some only as they commit. What failed was rolled back, and is done again.
 */
async function retryConflicts<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const conflict = error instanceof Error && /^TransactionContext Error/.test(error.message)
      if (!conflict || attempt > conflictRetries || signal.aborted) throw error
      await new Promise((resolve) => setTimeout(resolve, 25 * 2 ** attempt * (0.5 + Math.random())))
    }
  }
}

function bind(parameters: readonly Parameter[]): { values: DuckDBValue[]; types: DuckDBType[] } {
  return {
    values: parameters.map((value) => (Number.isSafeInteger(value) ? BigInt(value as number) : value)),
    types: parameters.map((value) => {
      if (typeof value === 'number') return Number.isSafeInteger(value) ? BIGINT : DOUBLE
      return typeof value === 'string' ? VARCHAR : typeof value === 'boolean' ? BOOLEAN : SQLNULL
    }),
  }
}

/** The columns of a query, `c0` ..., as JSON that means the same from every warehouse. */
async function formattedColumns(connection: DuckDBConnection, text: string): Promise<string[]> {
  const prepared = await connection.prepare(text)
  try {
    return Array.from({ length: prepared.columnCount }, (_, index) => {
      const format = formats[prepared.columnTypeId(index)] ?? ((value) => value)
      return `${format(`c${index}`)} as "${prepared.columnName(index).replaceAll('"', '""')}"`
    })
  } finally {
    prepared.destroySync()
  }
}

const exactInteger = (value: string): string =>
  `case when abs(${value}) <= 9007199254740991 then to_json(${value}) else to_json(${value}::varchar) end`
const finite = (value: string): string =>
  `case when isfinite(${value}) then to_json(${value}) else to_json(case when isnan(${value}) then 'NaN' when ${value} > 0 then 'Infinity' when ${value} < 0 then '-Infinity' end) end`
const iso = (value: string): string =>
  `case when isfinite(${value}) then strftime(${value}::timestamp, '%Y-%m-%dT%H:%M:%S.%fZ') else ${value}::varchar end`
const text = (value: string): string => `${value}::varchar`

const formats: Readonly<Partial<Record<number, (value: string) => string>>> = {
  [Type.BIGINT]: (value) => exactInteger(`${value}::hugeint`),
  [Type.UBIGINT]: exactInteger,
  [Type.HUGEINT]: exactInteger,
  [Type.UHUGEINT]: exactInteger,
  [Type.FLOAT]: finite,
  [Type.DOUBLE]: finite,
  [Type.DECIMAL]: text,
  [Type.TIMESTAMP]: iso,
  [Type.TIMESTAMP_S]: iso,
  [Type.TIMESTAMP_MS]: iso,
  [Type.TIMESTAMP_NS]: iso,
  [Type.TIMESTAMP_TZ]: iso,
}
