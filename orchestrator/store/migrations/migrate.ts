import { Client } from 'pg'
import { clientConfig } from '../database/client-config.ts'
import { databaseName, translated } from '../database/errors.ts'
import { partitionStatements } from '../events/partitions.ts'
import { migrations, schemaVersion } from './index.ts'
import { newerSchema } from './version.ts'

export interface MigrateResult {
  /** Versions of the schema before and after; 0 for a database without one. */
  readonly from: number
  readonly to: number
}

/** The lock that keeps two migrations apart. */
const migrationLock = 7224860153

/**
 * Brings the database's schema `traitline` to this code's version: all of it in one transaction, or nothing. Any
 * number of processes may call it at once. Throws STORE_NEWER if a later Traitline has migrated the database.
 */
export async function migrate(url: string): Promise<MigrateResult> {
  const client = new Client(clientConfig({ url, applicationName: 'traitline migrate', statementTimeoutMs: 0 }))
  client.on('error', () => {})
  const run = (text: string, values?: unknown[]) => client.query<{ version: number }>(text, values)
  return translated(url, async () => {
    await client.connect()
    try {
      await run('begin')
      // Another migration, or whoever holds a table that is to be changed.
      await run(`set local lock_timeout = '60s'`)
      await run('select pg_advisory_xact_lock($1)', [migrationLock])
      await run('create schema if not exists traitline')
      await run(`create table if not exists traitline.migration (
        number integer primary key,
        name text not null,
        applied_at timestamptz not null default now()
      )`)
      const { rows } = await run('select coalesce(max(number), 0) as version from traitline.migration')
      const from = rows[0]?.version ?? 0
      if (from > schemaVersion) throw newerSchema(databaseName(url), from)
      for (const { number, name, sql } of migrations.slice(from)) {
        await run(sql)
        await run('insert into traitline.migration (number, name) values ($1, $2)', [number, name])
      }
      for (const statement of partitionStatements()) await run(statement)
      await run('commit')
      return { from, to: schemaVersion }
    } finally {
      // Ends the transaction too, if it is still open.
      await client.end()
    }
  })
}
