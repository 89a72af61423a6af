import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { freshStore } from '../../../test/store/fresh-store.ts'
import { translate } from './errors.ts'
import { StorePool } from './pool.ts'

async function openPool(size = 2): Promise<{ pool: StorePool; url: string }> {
  const { url } = await freshStore()
  const pool = new StorePool({ url, size, applicationName: 'pool test' })
  onTestFinished(() => pool.end())
  return { pool, url }
}

test('rows carry times as ISO 8601 in UTC whatever the session’s zone, and big integers as numbers', async () => {
  const { pool } = await openPool()
  const connection = await pool.connect()
  onTestFinished(() => connection.release())
  for (const zone of ['UTC', 'Asia/Kolkata', 'America/St_Johns', 'Europe/Berlin']) {
    await connection.query(`set timezone = '${zone}'`)
    const { rows } = await connection.query(`select
      timestamptz '2026-06-30 22:00:00.123456+00' as at, 9007199254740991::bigint as big, null::timestamptz as never`)
    expect(rows).toEqual([{ at: '2026-06-30T22:00:00.123Z', big: 9007199254740991, never: null }])
  }
})

test('no value of a row gets into an error', async () => {
  const { pool } = await openPool()
  const insert = { name: 'insert', text: 'insert into traitline.scope (environment, project) values ($1, $2)' }
  await pool.run(insert, ['dev', 'canary@example.com'])
  const error: unknown = await pool.run(insert, ['dev', 'canary@example.com']).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('23505') as string })
  const { message, stack, cause } = error as Error
  expect(cause).toBeUndefined()
  expect(`${message} ${stack} ${JSON.stringify(error)}`).not.toContain('canary')
})

test('connections that the server ended are replaced', async () => {
  const { pool, url } = await openPool()
  const ping = { name: 'ping', text: 'select 1' }
  await pool.run(ping, [])
  const admin = new Client({ connectionString: url })
  await admin.connect()
  await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool test'`)
  await admin.end()
  let failures = 0
  for (;;) {
    try {
      await pool.run(ping, [])
      break
    } catch (error) {
      expect(error).toMatchObject({ code: 'STORE_UNREACHABLE' })
      failures += 1
      expect(failures).toBeLessThan(3)
    }
  }
})

test('a statement that takes too long is cancelled', () => {
  expect(translate({ code: '57014' }, 'postgres://u:p@db/x')).toMatchObject({
    code: 'STORE_TIMEOUT',
    message: 'a statement in the database db:5432/x took too long and was cancelled',
  })
})
