import type { Compilable } from 'kysely'
import { Pool } from 'pg'
import type { PoolClient } from 'pg'
import { schemaVersion } from '../migrations/index.ts'
import { newerSchema, olderSchema } from '../migrations/version.ts'
import { clientConfig } from './client-config.ts'
import { databaseName, isLost, translate } from './errors.ts'

/** A statement that is parsed and planned once a connection: for what is sent for every asset. */
export interface NamedStatement {
  readonly name: string
  readonly text: string
}

interface Answer<Row> {
  readonly command: 'UPDATE' | 'DELETE' | 'INSERT' | 'SELECT' | 'MERGE'
  readonly rowCount: number
  readonly rows: Row[]
}

/**
 * The one pool of connections of a process. What comes out of it is a TraitlineError or a row, and its first
 * connection checks that the schema is the one that this code knows.
 */
export class StorePool {
  readonly url: string
  readonly #pool: Pool
  #versionChecked = false

  constructor(options: { readonly url: string; readonly size: number; readonly applicationName: string }) {
    this.url = options.url
    this.#pool = new Pool({ ...clientConfig(options), max: options.size, idleTimeoutMillis: 30_000 })
    // Connections that break while idle, or between two statements, are replaced; without a listener they would end
    // the process.
    this.#pool.on('error', () => {})
    this.#pool.on('connect', (client) => client.on('error', () => {}))
  }

  async connect(): Promise<StoreConnection> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw translate(error, this.url)
    })
    const connection = new StoreConnection(client, this.url)
    if (this.#versionChecked) return connection
    try {
      await this.#checkVersion(connection)
    } catch (error) {
      connection.release()
      throw error
    }
    return connection
  }

  /** Runs one statement of its own. */
  async run<Row>(statement: NamedStatement, values: readonly unknown[]): Promise<Row[]> {
    const connection = await this.connect()
    try {
      return (await connection.query<Row>({ ...statement, values: [...values] })).rows
    } finally {
      connection.release()
    }
  }

  /** Runs a query of Kysely as a named statement, for those that are asked for every asset. */
  prepared<Row>(name: string, query: Compilable<Row>): Promise<Row[]> {
    const { sql, parameters } = query.compile()
    return this.run<Row>({ name, text: sql }, parameters)
  }

  end(): Promise<void> {
    return this.#pool.end()
  }

  async #checkVersion(connection: StoreConnection): Promise<void> {
    const exists = await connection.query<{ found: boolean }>(
      `select to_regclass('traitline.migration') is not null as found`,
    )
    const version = exists.rows[0]?.found
      ? await connection.query<{ version: number }>(
          'select coalesce(max(number), 0) as version from traitline.migration',
        )
      : null
    const found = version?.rows[0]?.version ?? 0
    if (found > schemaVersion) throw newerSchema(databaseName(this.url), found)
    if (found < schemaVersion) throw olderSchema(databaseName(this.url), found)
    this.#versionChecked = true
  }
}

/** A connection out of the pool, for Kysely and for the statements of our own. */
export class StoreConnection {
  readonly #client: PoolClient
  readonly #url: string
  #lost = false

  constructor(client: PoolClient, url: string) {
    this.#client = client
    this.#url = url
  }

  async query<Row>(
    query: string | { name: string; text: string; values: unknown[] },
    values?: readonly unknown[],
  ): Promise<Answer<Row>> {
    try {
      const answer =
        typeof query === 'string' ? this.#client.query(query, values as unknown[]) : this.#client.query(query)
      return (await answer) as unknown as Answer<Row>
    } catch (error) {
      const ours = translate(error, this.#url)
      this.#lost ||= isLost(ours)
      throw ours
    }
  }

  /** Gives it back, or throws it away if it broke. */
  release(): void {
    this.#client.release(this.#lost)
  }
}
