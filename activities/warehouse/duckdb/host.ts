import { DuckDBInstance } from '@duckdb/node-api'
import { operations } from './operations.ts'
import { ConnectionPool } from './pool.ts'
import type { FromHost, ToHost } from './protocol.ts'
import { RowsRejected } from './rejects.ts'

/**
 * The process that holds the DuckDB file. It belongs to one worker: when the worker goes, however it goes, the channel
 * closes and this process kills itself, since only its end lets go of the file. What was not committed is as if it had
 * never been.
 */

process.umask(0o077)
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// Ctrl-C reaches the whole group; the worker decides when to leave.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

let opened: { readonly instance: DuckDBInstance; readonly pool: ConnectionPool } | undefined
const calls = new Map<number, AbortController>()

process.on('message', (message: ToHost) => void receive(message))

async function receive(message: ToHost): Promise<void> {
  if (message.type === 'open') await open(message)
  else if (message.type === 'call') await answer(message)
  else if (message.type === 'cancel') calls.get(message.id)?.abort()
  else exit()
}

async function open({ path, settings, connections }: Extract<ToHost, { type: 'open' }>): Promise<void> {
  try {
    const instance = await DuckDBInstance.create(path, settings)
    opened = { instance, pool: new ConnectionPool(instance, connections) }
    send({ type: 'opened' })
  } catch (error) {
    send({ type: 'not_opened', message: messageOf(error) })
  }
}

async function answer({ id, operation, input }: Extract<ToHost, { type: 'call' }>): Promise<void> {
  const controller = new AbortController()
  calls.set(id, controller)
  try {
    if (opened === undefined) throw new Error('The file is not open')
    const run = operations[operation] as (pool: ConnectionPool, input: unknown, signal: AbortSignal) => Promise<unknown>
    send({ type: 'result', id, output: await run(opened.pool, input, controller.signal) })
  } catch (error) {
    const rejected = error instanceof RowsRejected ? error.row : undefined
    send({ type: 'error', id, error: { message: messageOf(error), rejected } })
  } finally {
    calls.delete(id)
  }
}

function exit(): void {
  opened?.pool.close()
  opened?.instance.closeSync()
  process.exit(0)
}

function send(message: FromHost): void {
  process.send?.(message)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
