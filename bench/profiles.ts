/**
 * Profiles a second into the product's own store: the destination's program on a Postgres of its own, a million messages
 * of six traits and one external id, first when all profiles are new, then when each changes, and when a second sync adds
 * its part. Beside it a bare COPY of the same texts into a table with a primary key. Prints one line of JSON; rates are
 * a second. BENCH_RECORDS says how many.
 */
import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { formatMessage } from '../connectors/protocol/index.ts'
import { packageRoot } from '../orchestrator/process/index.ts'
import { benchOnDatabase, type BenchDatabase } from './parts/stack.ts'

const profiles = Number(process.env['BENCH_RECORDS'] ?? 200_000)
const rowsABatch = 10_000

await benchOnDatabase(measure)

async function measure({ folder, url }: BenchDatabase): Promise<object> {
  const path = (name: string): string => join(folder, name)
  await writeFile(path('config'), JSON.stringify({ url }))
  const rates: Record<string, number> = {}
  const rounds = { fresh: ['users.scores', 0], changed: ['users.scores', 1], second: ['users.crm', 0] } as const
  for (const [round, [object, shift]] of Object.entries(rounds)) {
    await writeFile(path('catalog'), JSON.stringify({ streams: [streamOf(object)] }))
    await makeMessages(path('messages'), object, shift)
    const ms = await timed(() => write(folder))
    rates[round] = Math.round((profiles / ms) * 1_000)
  }
  const bare = Math.round((profiles / (await bareCopy(url, path('bare')))) * 1_000)
  return { bench: 'profiles', profiles, rates, bareCopy: bare, ratio: +(bare / (rates['fresh'] ?? 0)).toFixed(2) }
}

function streamOf(object: string): object {
  return {
    stream: { name: object, json_schema: { type: 'object' }, supported_sync_modes: ['incremental'] },
    ...{ sync_mode: 'incremental', destination_sync_mode: 'append_dedup', operation: 'upsert', primary_key: [['id']] },
  }
}

function rowOf(n: number, shift: number): Record<string, unknown> {
  return {
    id: `user-${String(n).padStart(9, '0')}`,
    lifetime_value: ((n * 7919) % 100_000) / 100 + shift,
    orders: n % 7,
    tier: ['gold', 'silver', 'bronze'][n % 3],
    repeat_buyer: n % 2 === 0,
    favourite_store: `store ${n % 400}`,
    churn: (n % 1_000) / 1_000,
    external_ids: { email: `user${n}@example.com` },
  }
}

async function makeMessages(path: string, stream: string, shift: number): Promise<void> {
  const file = await open(path, 'w')
  for (let from = 0; from < profiles; from += rowsABatch) {
    const size = Math.min(rowsABatch, profiles - from)
    const records = Array.from({ length: size }, (_, n) => {
      const data = rowOf(from + n, shift)
      return formatMessage({ type: 'RECORD', record: { stream, data, emitted_at: 1_700_000_000_000 } })
    })
    const state = { stream_descriptor: { name: stream }, stream_state: { batch: from, id: `bench:${from}` } }
    records.push(formatMessage({ type: 'STATE', state: { type: 'STREAM', stream: state } }))
    await file.appendFile(records.join(''))
  }
  await file.close()
}

async function write(folder: string): Promise<void> {
  const program = join(packageRoot(), 'connectors/bin/destination-profiles')
  const args = [program, 'write', '--config', join(folder, 'config'), '--catalog', join(folder, 'catalog')]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'inherit'] })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  await pipeline(createReadStream(join(folder, 'messages'), { highWaterMark: 256 * 1024 }), child.stdin)
  const code = await exited
  if (code !== 0) throw new Error(`the program ended with ${code}`)
}

async function bareCopy(url: string, path: string): Promise<number> {
  const rows = Array.from(
    { length: profiles },
    (_, n) => `${rowOf(n, 0)['id'] as string}\t${JSON.stringify(rowOf(n, 0))}\n`,
  )
  await writeFile(path, rows.join(''))
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('create table bare (id text primary key, traits jsonb)')
    return await timed(() => pipeline(createReadStream(path), client.query(copyFrom('copy bare from stdin'))))
  } finally {
    await client.end()
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
