import { Client } from 'pg'
import { Connection } from '@temporalio/client'
import { expect, test } from 'vitest'
import { freshDatabase } from './postgres.ts'
import { temporalAddress } from './temporal.ts'

test('the suite has a PostgreSQL 18 and a Temporal of its own', async () => {
  const database = await freshDatabase()
  const client = new Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query<{ version: string }>('select version()')
  await client.end()
  await database.drop()
  expect(rows[0]?.version).toMatch(/^PostgreSQL 18\./)

  const connection = await Connection.connect({ address: temporalAddress() })
  const info = await connection.workflowService.getSystemInfo({})
  await connection.close()
  expect(info.serverVersion).toMatch(/^1\./)
})
