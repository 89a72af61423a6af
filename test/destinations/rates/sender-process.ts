/** One of several processes that send to one destination: says `ready` after a first row, and sends the rest when told. */
import { once } from 'node:events'
import { SharedRates } from '../../../activities/sync/rates/shared-rates.ts'
import { openWrite, resolveConnector, type OutgoingBatch } from '../../../connectors/driver/index.ts'
import { createStore } from '../../../orchestrator/store/index.ts'
import { configuredStream } from '../../harness/destination.ts'

export interface SenderJob {
  readonly databaseUrl: string
  readonly home: string
  readonly name: string
  readonly rows: number
  readonly config: Readonly<Record<string, unknown>>
}

const { databaseUrl, home, name, rows, config } = JSON.parse(process.argv[2] ?? '{}') as SenderJob
const store = createStore({ url: databaseUrl })
const session = await openWrite({
  command: await resolveConnector({ type: 'builtin', name: 'slack' }, { home, env: {} }),
  config,
  catalog: { streams: [configuredStream('#sales', ['text'], { operation: 'append' })] },
  onLog: ({ text }) => process.stderr.write(`${text}\n`),
  idleTimeoutMs: 120_000,
  rateLimits: new SharedRates(store.rates).of('builtin slack', config),
})
await session.send(batchOf(0, 1))
for await (const { batch } of session.acknowledgements) {
  if (batch > 0) continue
  process.stdout.write('ready\n')
  await once(process.stdin, 'data')
  await session.send(batchOf(1, rows - 1))
  session.end()
}
await session.close()
await store.close()
process.exit()

function batchOf(batch: number, count: number): OutgoingBatch {
  return {
    batch,
    records: Array.from({ length: count }, (_, n) => ({
      stream: '#sales',
      data: { text: `${name} ${batch} ${n}` },
      emitted_at: 1,
    })),
    state: {
      type: 'STREAM',
      stream: { stream_descriptor: { name: '#sales' }, stream_state: { batch, id: `${name}:${batch}` } },
    },
  }
}
