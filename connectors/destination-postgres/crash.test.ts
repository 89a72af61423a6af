import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { configuredStream, recordLine, runProgram, stateLine } from '../../test/harness/destination.ts'
import { freshDatabase } from '../../test/harness/postgres.ts'
import { tempDir } from '../../test/harness/temp.ts'
import { openWrite, resolveConnector } from '../driver/index.ts'
import type { ConfiguredAirbyteStream } from '../protocol/index.ts'
import { destinationPostgres } from './destination.ts'

let database: { url: string; drop(): Promise<void> }
let client: pg.Client
/** Looks on: within a transaction the server's activity does not seem to change. */
let observer: pg.Client
let table: string
let count = 0

beforeAll(async () => {
  database = await freshDatabase()
  client = new pg.Client({ connectionString: database.url })
  observer = new pg.Client({ connectionString: database.url })
  await Promise.all([client.connect(), observer.connect()])
})
afterAll(async () => {
  await Promise.all([client.end(), observer.end()])
  await database.drop()
})
beforeEach(() => {
  table = `t${count++}`
})

function appends(): ConfiguredAirbyteStream {
  return configuredStream(table, ['id'], { operation: 'append' })
}

function upserts(): ConfiguredAirbyteStream {
  return configuredStream(table, ['id', 'by'], {
    destination_sync_mode: 'append_dedup',
    primary_key: [['id']],
    operation: 'upsert',
  })
}

function write(stream: ConfiguredAirbyteStream, lines: readonly string[]) {
  return runProgram(destinationPostgres, 'write', { config: { url: database.url }, catalog: { streams: [stream] } }, [
    lines.join(''),
  ])
}

function records(from: number, to: number, more: Record<string, string> = {}): string[] {
  return Array.from({ length: to - from }, (_, index) => recordLine(table, { id: String(from + index), ...more }))
}

async function ids(): Promise<number> {
  return Number((await client.query<{ n: string }>(`select count(*) as n from ${table}`)).rows[0]?.n)
}

async function backends(where: string): Promise<number> {
  const sql = `select count(*) as n from pg_stat_activity where application_name like 'traitline%' and datname = current_database() and ${where}`
  return Number((await observer.query<{ n: string }>(sql)).rows[0]?.n)
}

test('killed with SIGKILL in the middle of a batch, it leaves nothing of it, and the batch sent again is there once', async () => {
  const batch = [...records(0, 2_000), stateLine(table, 0, 'run:0')]
  await write(appends(), [stateLine(table, 0, 'run:start')])
  const folder = await tempDir()
  const [config, catalog] = [join(folder, 'config'), join(folder, 'catalog')]
  await writeFile(config, JSON.stringify({ url: database.url }))
  await writeFile(catalog, JSON.stringify({ streams: [appends()] }))

  await client.query(`begin; lock table ${table} in access exclusive mode`)
  const program = fileURLToPath(new URL('../bin/destination-postgres', import.meta.url))
  const child = spawn(process.execPath, [program, 'write', '--config', config, '--catalog', catalog], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.stdin.write(batch.join(''))
  await expect.poll(() => backends("wait_event_type = 'Lock'"), { timeout: 20_000 }).toBe(1)
  child.kill('SIGKILL')
  await exited
  await client.query('commit')
  await expect.poll(() => backends('true'), { timeout: 20_000 }).toBe(0)

  // The program was gone before its statement ended: its connection's end undid whatever that had done.
  const written = await ids()
  expect([0, 2_000]).toContain(written)
  const again = await write(appends(), batch)
  expect(again.states[0]?.destinationStats).toMatchObject({ recordCount: 2_000, rejectedRecordCount: 0 })
  expect(await ids()).toBe(2_000)
})

test('a batch of many parts is one transaction: cut off after some of them, it leaves nothing', async () => {
  const cutOff = await write(appends(), records(0, 60_000))
  expect(cutOff).toMatchObject({ code: 1, states: [] })
  expect(await ids()).toBe(0)
  const batch = [...records(0, 60_000), stateLine(table, 0, 'run:0')]
  for (let time = 0; time < 2; time++) {
    expect((await write(appends(), batch)).states[0]?.destinationStats).toMatchObject({
      recordCount: 60_000,
      rejectedRecordCount: 0,
    })
    expect(await ids()).toBe(60_000)
  }
})

test('two programs that send the same batch at once write it once', async () => {
  const batch = [...records(0, 500), stateLine(table, 0, 'run:0')]
  const runs = await Promise.all([write(appends(), batch), write(appends(), batch), write(appends(), batch)])
  expect(runs.map(({ states }) => states[0]?.destinationStats?.recordCount)).toEqual([500, 500, 500])
  expect(await ids()).toBe(500)
})

test('writers of one table in opposite orders wait for each other, or try again: none fails', async () => {
  const batches = (by: string, reversed: boolean): string[] =>
    Array.from({ length: 10 }, (_, batch) => {
      const rows = records(0, 300, { by })
      return [...(reversed ? rows.reverse() : rows), stateLine(table, batch)].join('')
    })
  const runs = await Promise.all([write(upserts(), batches('a', false)), write(upserts(), batches('b', true))])
  expect(runs.map(({ code, states }) => [code, states.length])).toEqual([
    [0, 10],
    [0, 10],
  ])
  expect(await ids()).toBe(300)
})

test('through the driver: batches are sent ahead, and each answer tells its rows', async () => {
  const command = await resolveConnector({ type: 'builtin', name: 'postgres' }, { home: await tempDir(), env: {} })
  const log: string[] = []
  const session = await openWrite({
    command,
    config: { url: database.url },
    catalog: { streams: [upserts()] },
    onLog: ({ text }) => log.push(text),
    idleTimeoutMs: 30_000,
  })
  const state = (batch: number) =>
    ({
      type: 'STREAM',
      stream: { stream_descriptor: { name: table }, stream_state: { batch, id: `run:${batch}`, hash: 'h' } },
    }) as const
  for (let batch = 0; batch < 3; batch++) {
    const ids = [`${batch}a`, null, `${batch}b`]
    await session.send({
      batch,
      records: ids.map((id) => ({ stream: table, data: { id }, emitted_at: 1 })),
      state: state(batch),
    })
  }
  session.end()
  const answers: unknown[] = []
  for await (const { batch, detailed, recordCount, rejected } of session.acknowledgements) {
    answers.push([batch, detailed, recordCount, rejected.map(({ ordinal, code }) => [ordinal, code])])
  }
  await session.close()
  expect(answers).toEqual([0, 1, 2].map((batch) => [batch, true, 3, [[1, 'null_key']]]))
  expect(log).toEqual([])
  expect(await ids()).toBe(6)
})
