import { Client } from 'pg'
import { clientConfig } from '../database/client-config.ts'
import { translated } from '../database/errors.ts'

export interface ListenerOptions {
  readonly url: string
  readonly applicationName: string
}

/** Least time between two calls back: many commits make one. */
const gatherMs = 25
const firstDelayMs = 100
const longestDelayMs = 5_000
/** How often a silent connection is asked whether it is still there. */
const pulseMs = 20_000

/**
 * One connection that waits for notifications of the event log, for any number of listeners; it exists while there
 * are any. When it breaks it is made again, with growing pauses, and then calls back: events may have been missed.
 */
export class EventListener {
  readonly #options: ListenerOptions
  readonly #listeners = new Set<() => void>()
  #client: Client | null = null
  #connecting: Promise<void> | null = null
  #retry: NodeJS.Timeout | null = null
  #pulse: NodeJS.Timeout | null = null
  #gather: NodeJS.Timeout | null = null
  #delayMs = firstDelayMs

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  /** Throws STORE_UNREACHABLE if the first connection cannot be made. */
  async listen(onEvents: () => void): Promise<() => Promise<void>> {
    // A set of its own function: the same callback may be given twice.
    const listener = (): void => onEvents()
    this.#listeners.add(listener)
    try {
      await this.#connect()
    } catch (error) {
      await this.#leave(listener)
      throw error
    }
    return () => this.#leave(listener)
  }

  async close(): Promise<void> {
    this.#listeners.clear()
    await this.#disconnect()
  }

  async #leave(listener: () => void): Promise<void> {
    this.#listeners.delete(listener)
    if (this.#listeners.size === 0) await this.#disconnect()
  }

  #connect(): Promise<void> {
    if (this.#client || this.#retry) return Promise.resolve()
    this.#connecting ??= this.#open().finally(() => (this.#connecting = null))
    return this.#connecting
  }

  async #open(): Promise<void> {
    const { url, applicationName } = this.#options
    const client = new Client(clientConfig({ url, applicationName: `${applicationName} events` }))
    client.on('error', () => {})
    try {
      await translated(url, async () => {
        await client.connect()
        await client.query('listen traitline_events')
      })
    } catch (error) {
      void client.end().catch(() => {})
      throw error
    }
    if (this.#listeners.size === 0) return client.end()
    this.#client = client
    this.#delayMs = firstDelayMs
    client.on('notification', () => this.#notify())
    client.on('end', () => this.#lost(client))
    this.#pulse = setInterval(() => {
      client.query('select 1').catch(() => void client.end().catch(() => {}))
    }, pulseMs)
    this.#pulse.unref()
  }

  #lost(client: Client): void {
    if (this.#client !== client) return
    this.#client = null
    clearInterval(this.#pulse ?? undefined)
    this.#reconnectLater()
  }

  #reconnectLater(): void {
    if (this.#listeners.size === 0) return
    this.#retry = setTimeout(() => {
      this.#retry = null
      this.#connect().then(
        () => this.#notify(),
        () => this.#reconnectLater(),
      )
    }, this.#delayMs)
    this.#delayMs = Math.min(this.#delayMs * 2, longestDelayMs)
  }

  #notify(): void {
    this.#gather ??= setTimeout(() => {
      this.#gather = null
      for (const listener of this.#listeners) listener()
    }, gatherMs)
  }

  async #disconnect(): Promise<void> {
    for (const timer of [this.#retry, this.#gather]) clearTimeout(timer ?? undefined)
    clearInterval(this.#pulse ?? undefined)
    this.#retry = this.#gather = null
    const client = this.#client
    this.#client = null
    await client?.end()
  }
}
