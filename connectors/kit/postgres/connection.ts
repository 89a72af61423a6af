import pg from 'pg'
import type { ConnectionConfig } from './config.ts'
import { translate } from './errors.ts'

const connectTimeoutMs = 15_000
const lockTimeoutMs = 60_000

/** One connection, and its server's address for messages. */
export interface Connection {
  readonly client: pg.Client
  readonly server: string
}

/** `program` is what the server's list of connections calls it. */
export async function connect(config: ConnectionConfig, program: string): Promise<Connection> {
  const client = new pg.Client({
    ...(config.url === undefined
      ? {
          host: config.host,
          port: config.port,
          database: config.database,
          user: config.username,
          password: config.password,
          ssl: config.ssl,
        }
      : { connectionString: config.url }),
    application_name: `traitline ${program}`,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  })
  // An idle connection that is cut is noticed by the next query.
  client.on('error', () => undefined)
  const server = `${client.host}:${client.port}`
  try {
    await client.connect()
    await client.query(
      `set statement_timeout = ${Math.round(config.statement_timeout_seconds * 1000)}; set lock_timeout = ${lockTimeoutMs};
       set datestyle = 'ISO'; set timezone = 'UTC'; set client_min_messages = warning`,
    )
  } catch (error) {
    await client.end().catch(() => undefined)
    throw translate(error, server)
  }
  return { client, server }
}

/** Runs `work` on a connection of its own; driver errors come out translated. */
export async function withConnection<T>(
  config: ConnectionConfig,
  program: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const { client, server } = await connect(config, program)
  try {
    return await work(client)
  } catch (error) {
    throw translate(error, server)
  } finally {
    await client.end().catch(() => undefined)
  }
}
