import type pg from 'pg'
import { isRowError } from '../kit/postgres/index.ts'

/** Runs `work` inside a transaction. If a row is to blame for its failure, it is undone and the error answered. */
export async function savepoint(client: pg.Client, work: () => Promise<void>): Promise<pg.DatabaseError | null> {
  await client.query('savepoint attempt')
  try {
    await work()
    await client.query('release savepoint attempt')
    return null
  } catch (error) {
    if (!isRowError(error)) throw error
    await client.query('rollback to savepoint attempt')
    await client.query('release savepoint attempt')
    return error
  }
}
