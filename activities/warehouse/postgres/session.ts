import { Client, Pool, type PoolClient } from 'pg'
import type { TraitlineError } from '../../../orchestrator/contract/index.ts'
import { warehouseError } from '../errors.ts'
import type { WarehouseCall } from '../warehouse.ts'
import { postgresError } from './errors.ts'
import { rowTypes } from './types.ts'

const connectMs = 5_000
const cancelMs = 5_000

/** Connections that all read and write the same: UTC, ISO dates, floats by shortest round trip. */
export class Sessions {
  readonly place: string
  private readonly url: string
  private readonly pool: Pool
  private closed = false

  constructor(url: string, place: string) {
    this.url = url
    this.place = place
    this.pool = new Pool({
      connectionString: url,
      max: 4,
      connectionTimeoutMillis: connectMs,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      application_name: 'traitline warehouse',
      types: rowTypes,
    })
    // A connection that breaks while idle is replaced by the next call.
    this.pool.on('error', () => undefined)
  }

  /** Runs `work` on a connection; what it waits for is cancelled in Postgres on abort and after the timeout. */
  async use<T>(
    call: WarehouseCall & { readonly timeoutMs: number },
    work: (client: PoolClient) => Promise<T>,
  ): Promise<T> {
    const { signal, timeoutMs } = call
    if (signal?.aborted === true) throw signal.reason
    if (this.closed) throw warehouseError('WAREHOUSE_CLOSED', 'The warehouse has been closed')
    const client = await this.connect()
    let stopped: unknown
    let cancelling: Promise<void> | undefined
    const stop = (reason: unknown): void => {
      stopped ??= reason
      cancelling ??= this.cancel(client)
    }
    const onAbort = (): void => stop(signal?.reason)
    const timer = setTimeout(() => stop(timeout(timeoutMs)), timeoutMs)
    signal?.addEventListener('abort', onAbort, { once: true })
    let broken = false
    // Its loss is told by the statement under way.
    const onError = (): void => {
      broken = true
    }
    client.on('error', onError)
    try {
      return await work(client)
    } catch (error) {
      broken = true
      throw (stopped ?? postgresError(error, this.place)) as Error
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      await cancelling
      client.off('error', onError)
      client.release(broken || stopped !== undefined)
    }
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.pool.end()
  }

  private async connect(): Promise<PoolClient> {
    try {
      const client = await this.pool.connect()
      if (!prepared.has(client)) {
        await client.query("set timezone = 'UTC'; set datestyle = 'ISO'; set extra_float_digits = 1")
        prepared.add(client)
      }
      return client
    } catch (error) {
      const mapped = postgresError(error, this.place)
      if (mapped.code !== 'WAREHOUSE_LOST') throw mapped
      throw warehouseError('WAREHOUSE_UNREACHABLE', `The warehouse ${this.place} does not answer`, { cause: error })
    }
  }

  /** From a connection of its own, since the pool may be used up; if that fails, the statement's connection is cut. */
  private async cancel(client: PoolClient): Promise<void> {
    const { processID } = client as PoolClient & { readonly processID?: number }
    const canceller = new Client({
      connectionString: this.url,
      connectionTimeoutMillis: cancelMs,
      query_timeout: cancelMs,
    })
    canceller.on('error', () => undefined)
    try {
      await canceller.connect()
      await canceller.query('select pg_cancel_backend($1)', [processID])
    } catch {
      ;(
        client as PoolClient & { readonly connection: { readonly stream: { destroy(): void } } }
      ).connection.stream.destroy()
    } finally {
      await canceller.end().catch(() => undefined)
    }
  }
}

const prepared = new WeakSet<PoolClient>()

function timeout(timeoutMs: number): TraitlineError {
  return warehouseError('WAREHOUSE_TIMEOUT', `A statement did not end within ${timeoutMs / 1000} s and was stopped`)
}
