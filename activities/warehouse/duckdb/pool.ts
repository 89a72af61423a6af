import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

/** A few connections to one instance, each used by one call at a time. */
export class ConnectionPool {
  private readonly instance: DuckDBInstance
  private readonly idle: DuckDBConnection[] = []
  private readonly waiting: (() => void)[] = []
  private free: number

  constructor(instance: DuckDBInstance, size: number) {
    this.instance = instance
    this.free = size
  }

  /** Runs `work` on a connection, which is interrupted when the signal aborts. */
  async use<T>(signal: AbortSignal, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    await this.acquire()
    try {
      if (signal.aborted) throw new Error('Interrupted')
      const connection = this.idle.pop() ?? (await this.connect())
      const interrupt = (): void => connection.interrupt()
      signal.addEventListener('abort', interrupt, { once: true })
      let healthy = false
      try {
        const result = await work(connection)
        healthy = true
        return result
      } finally {
        signal.removeEventListener('abort', interrupt)
        // After an error a connection may still have a result open, and with it a snapshot.
        if (healthy) this.idle.push(connection)
        else connection.disconnectSync()
      }
    } finally {
      this.release()
    }
  }

  close(): void {
    for (const connection of this.idle.splice(0)) connection.disconnectSync()
  }

  private async connect(): Promise<DuckDBConnection> {
    const connection = await this.instance.connect()
    await connection.run("set TimeZone = 'UTC'")
    return connection
  }

  private async acquire(): Promise<void> {
    if (this.free > 0) {
      this.free--
      return
    }
    await new Promise<void>((resolve) => this.waiting.push(resolve))
  }

  private release(): void {
    const next = this.waiting.shift()
    if (next === undefined) this.free++
    else next()
  }
}
