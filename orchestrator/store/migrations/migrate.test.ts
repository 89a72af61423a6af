import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { freshDatabase } from '../../../test/harness/postgres.ts'
import { freePort } from '../../process/index.ts'
import { createStore, migrate } from '../index.ts'
import { migrations, schemaVersion } from './index.ts'

async function emptyDatabase(): Promise<string> {
  const { url, drop } = await freshDatabase()
  onTestFinished(drop)
  return url
}

async function execute(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows as unknown[]
  } finally {
    await client.end()
  }
}

function storeOn(url: string) {
  const store = createStore({ url })
  onTestFinished(() => store.close())
  return store
}

test('migrations are numbered from 1 without gaps', () => {
  expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1))
})

test('a database is migrated once, also by several at once', async () => {
  const url = await emptyDatabase()
  const results = await Promise.all([migrate(url), migrate(url), migrate(url)])
  expect(results.map(({ from }) => from).sort()).toEqual([0, schemaVersion, schemaVersion])
  expect(await migrate(url)).toEqual({ from: schemaVersion, to: schemaVersion })
  await storeOn(url).ping()
})

test('a database of a newer Traitline is refused, whoever asks', async () => {
  const url = await emptyDatabase()
  await migrate(url)
  await execute(url, `insert into traitline.migration (number, name) values (${schemaVersion + 1}, 'future')`)
  const refusal = { code: 'STORE_NEWER', blame: 'config', hint: expect.stringContaining('Update Traitline') as string }
  await expect(migrate(url)).rejects.toMatchObject(refusal)
  await expect(storeOn(url).ping()).rejects.toMatchObject(refusal)
})

test('a migration that fails leaves the database as it was', async () => {
  const url = await emptyDatabase()
  await execute(url, 'create schema traitline; create table traitline.run (mine text)')
  await expect(migrate(url)).rejects.toMatchObject({
    code: 'STORE_FAILED',
    message: expect.stringContaining('42P07') as string,
  })
  expect(
    await execute(url, `select table_name from information_schema.tables where table_schema = 'traitline'`),
  ).toEqual([{ table_name: 'run' }])
})

test('a database without records says how to get them', async () => {
  const store = storeOn(await emptyDatabase())
  await expect(store.ping()).rejects.toMatchObject({
    code: 'STORE_NOT_MIGRATED',
    hint: expect.stringContaining('traitline deploy') as string,
  })
})

test('an unreachable database is named without its password', async () => {
  const port = await freePort()
  const url = `postgres://someone:s3cret@127.0.0.1:${port}/records`
  for (const attempt of [storeOn(url).ping(), migrate(url), storeOn(url).events.listen(() => {})]) {
    const error: unknown = await attempt.then(
      () => null,
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({
      code: 'STORE_UNREACHABLE',
      message: `the database 127.0.0.1:${port}/records cannot be reached: nothing listens there`,
      hint: expect.stringContaining('DATABASE_URL') as string,
    })
    expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).not.toContain('s3cret')
  }
})

test('a wrong password, an unknown database and an unknown host are told apart', async () => {
  const url = new URL(await emptyDatabase())
  const ping = async (change: (changed: URL) => void): Promise<unknown> => {
    const changed = new URL(url)
    change(changed)
    return storeOn(changed.href)
      .ping()
      .then(
        () => null,
        (error: Error) => error.message,
      )
  }
  expect(await ping((changed) => (changed.password = 'wrong'))).toContain('refuses the user or password')
  expect(await ping((changed) => (changed.pathname = '/nowhere'))).toContain('has no database')
  expect(await ping((changed) => (changed.hostname = 'no-such-host.invalid'))).toContain('host name')
})

test('partitions that failed checks before totals told so are counted', async () => {
  const url = await emptyDatabase()
  await execute(url, 'create schema traitline; create table traitline.migration (number integer, name text)')
  for (const { number, name, sql } of migrations.filter((each) => each.number < 18)) {
    await execute(url, sql)
    await execute(url, `insert into traitline.migration values (${number}, '${name}')`)
  }
  await execute(
    url,
    `insert into traitline.scope (environment, project) values ('test', 'shop');
    insert into traitline.asset (scope_id, key) select id, 'trait/a' from traitline.scope;
    insert into traitline.asset_partition (asset_id, partition, position, status, last_attempt, data_version, failed_checks)
      select id, 'p' || n, n, 'materialized', 'succeeded', 'v', case when n < 3 then '{odd}'::text[] else '{}' end
      from traitline.asset, generate_series(1, 3) as n`,
  )
  const totals = `select materialized, made, failing, failed_checks, latest_failed_checks, content::text
    from traitline.partition_total`
  const before = (await execute(url, 'select content::text from traitline.partition_total')) as { content: string }[]
  await migrate(url)
  expect(await execute(url, totals)).toEqual([
    { materialized: 3, made: 3, failing: 2, failed_checks: ['odd'], latest_failed_checks: [], ...before[0] },
  ])
})

test('the latest of a hundred thousand deliveries are found by an index', async () => {
  const url = await emptyDatabase()
  await migrate(url)
  await execute(
    url,
    `insert into traitline.scope (environment, project) values ('test', 'shop');
    insert into traitline.webhook_delivery (scope_id, webhook, id, received_at, settled_at)
      select id, 'orders', n::text, now() + n * interval '1 s', now() + n * interval '1 s'
      from traitline.scope, generate_series(1, 100000) as n;
    analyze traitline.webhook_delivery`,
  )
  for (const [column, settled] of [
    ['received_at', ''],
    ['settled_at', `and settled_at is not null and id != 'x'`],
  ]) {
    const plan = await execute(
      url,
      `explain select failure from traitline.webhook_delivery
      where scope_id = (select id from traitline.scope) and webhook = 'orders' ${settled} order by ${column} desc limit 1`,
    )
    expect(JSON.stringify(plan)).toContain('Index Scan Backward using webhook_delivery')
    expect(JSON.stringify(plan)).not.toContain('Sort')
  }
})
