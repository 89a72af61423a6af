/**
 * The kit's cost for each message: a destination that takes everything and keeps nothing, beside a program that only
 * reads the same bytes, and one that parses each line. All are processes that read the same file through a pipe.
 */
import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { createRequire } from 'node:module'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatMessage } from '../connectors/protocol/index.ts'

const records = Number(process.env['BENCH_RECORDS'] ?? 1_000_000)
const recordsABatch = 5_000
const rounds = 3

const root = join(import.meta.dirname, '..')
const kit = join(root, 'dist/connectors/kit/index.js')

/** `read` decides whether the destination looks at the values. */
function nullDestination(read: boolean): string {
  return `
    import { defineDestination, main } from ${JSON.stringify(kit)}
    import { z } from ${JSON.stringify(createRequire(import.meta.url).resolve('zod'))}
    await main(defineDestination({
      name: 'destination-null', spec: z.object({}), syncModes: ['append'], check: async () => {},
      open: async (config, catalog, { log }) => {
        log.info('ready')
        return {
        write: async ({ rows }) => ({
          accepted: rows.reduce((sum, slice) => sum + ${read ? 'slice.values.length' : 'slice.count'}, 0), rejected: [], skipped: [],
        }),
        close: async () => {},
        }
      },
    }))`
}

const programs: Readonly<Record<string, string>> = {
  bareRead: `console.log('ready'); let bytes = 0; for await (const chunk of process.stdin) bytes += chunk.length`,
  bareParse: `
    import { createInterface } from 'node:readline'
    console.log('ready')
    for await (const line of createInterface({ input: process.stdin })) JSON.parse(line)`,
  kitUnread: nullDestination(false),
  kitParsed: nullDestination(true),
}

async function makeMessages(path: string): Promise<void> {
  const file = await open(path, 'w')
  for (let from = 0; from < records; from += recordsABatch) {
    let text = ''
    for (let n = from; n < Math.min(from + recordsABatch, records); n++) {
      const data = {
        customer_id: String(n),
        value_tier: 'gold',
        orders: n % 50,
        lifetime_value: (n % 1_000) / 7,
        name: `Jörg ${n}`,
      }
      text += formatMessage({ type: 'RECORD', record: { stream: 'customers', data, emitted_at: 1_700_000_000_000 } })
    }
    const stream = { stream_descriptor: { name: 'customers' }, stream_state: { batch: from, id: `bench:${from}` } }
    await file.appendFile(text + formatMessage({ type: 'STATE', state: { type: 'STREAM', stream } }))
  }
  await file.close()
}

/** Milliseconds from the first byte given to the end of the program, its start left out. */
async function time(program: string, args: readonly string[], path: string): Promise<number> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), exited])
  child.stdout.resume()
  const started = performance.now()
  createReadStream(path, { highWaterMark: 256 * 1024 }).pipe(child.stdin)
  const code = await exited
  if (code !== 0) throw new Error(`${program} ended with ${code}`)
  return performance.now() - started
}

const folder = await mkdtemp(join(tmpdir(), 'traitline-bench-'))
try {
  const path = (name: string): string => join(folder, name)
  await makeMessages(path('messages'))
  await writeFile(path('config'), '{}')
  const stream = { name: 'customers', json_schema: {}, supported_sync_modes: ['full_refresh'] }
  const streams = [{ stream, sync_mode: 'full_refresh', destination_sync_mode: 'append', operation: 'append' }]
  await writeFile(path('catalog'), JSON.stringify({ streams }))
  const best: Record<string, number> = {}
  for (const name of Object.keys(programs)) await writeFile(path(`${name}.mjs`), programs[name] as string)
  for (let round = 0; round < rounds; round++) {
    for (const name of Object.keys(programs)) {
      const args = name.startsWith('kit') ? ['write', '--config', path('config'), '--catalog', path('catalog')] : []
      best[name] = Math.min(best[name] ?? Infinity, await time(path(`${name}.mjs`), args, path('messages')))
    }
  }
  const perSecond = (name: string): number => Math.round((records / (best[name] as number)) * 1_000)
  const ratio = (name: string, beside: string): number =>
    Math.round(((best[name] as number) / (best[beside] as number)) * 100) / 100
  console.log(
    JSON.stringify({
      bench: 'connector-kit',
      records,
      messagesPerSecond: Object.fromEntries(Object.keys(programs).map((name) => [name, perSecond(name)])),
      timesBareRead: { kitUnread: ratio('kitUnread', 'bareRead'), kitParsed: ratio('kitParsed', 'bareRead') },
      timesBareParse: { kitUnread: ratio('kitUnread', 'bareParse'), kitParsed: ratio('kitParsed', 'bareParse') },
    }),
  )
} finally {
  await rm(folder, { recursive: true, force: true })
}
