import { DuckDBInstance } from '@duckdb/node-api'
import { Client } from 'pg'
import { freshDatabase } from '../../test/harness/postgres.ts'
import type { Dialect, Parameter, Statement } from './statement.ts'

/** A bare engine for tests of SQL: a transaction, and a query. */
export interface Engine {
  readonly dialect: Dialect
  transaction(statements: readonly Statement[]): Promise<void>
  query(statement: Statement): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

async function duckdb(): Promise<Engine> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  const run = async ({ text, parameters }: Statement): Promise<Record<string, unknown>[]> => {
    const bound = parameters.length === 0 ? undefined : ([...parameters] as Parameter[])
    const reader = await connection.runAndReadAll(text, bound)
    return reader.getRowObjectsJson().map((row) => ({ ...row }))
  }
  return {
    dialect: 'duckdb',
    query: run,
    async transaction(statements) {
      await connection.run('begin')
      try {
        for (const statement of statements) await run(statement)
        await connection.run('commit')
      } catch (error) {
        await connection.run('rollback')
        throw error
      }
    },
    async close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

async function postgres(): Promise<Engine> {
  const database = await freshDatabase()
  const client = new Client({ connectionString: database.url })
  await client.connect()
  const run = async ({ text, parameters }: Statement): Promise<Record<string, unknown>[]> =>
    (await client.query(text, [...parameters])).rows as Record<string, unknown>[]
  return {
    dialect: 'postgres',
    query: run,
    async transaction(statements) {
      await client.query('begin')
      try {
        for (const statement of statements) await run(statement)
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw error
      }
    },
    async close() {
      await client.end()
      await database.drop()
    },
  }
}

export const engines: Readonly<Record<Dialect, () => Promise<Engine>>> = { duckdb, postgres }
