import { z } from 'zod'

/** Members of a configuration that say which database, of every destination that writes to one. */
export const connectionFields = {
  url: z.string().min(1).optional().meta({
    title: 'Connection URL',
    description: 'postgres://user:password@host:5432/database. Instead of the separate fields.',
    airbyte_secret: true,
    order: 0,
  }),
  host: z.string().min(1).optional().meta({ title: 'Host', order: 1 }),
  port: z.int().min(1).max(65535).default(5432).meta({ title: 'Port', order: 2 }),
  database: z.string().min(1).optional().meta({ title: 'Database', order: 3 }),
  username: z.string().min(1).optional().meta({ title: 'User', order: 4 }),
  password: z.string().optional().meta({ title: 'Password', airbyte_secret: true, order: 5 }),
  ssl: z
    .boolean()
    .default(false)
    .meta({ title: 'Encrypt and verify the connection (with a URL: its sslmode)', order: 6 }),
  statement_timeout_seconds: z.number().positive().default(600).meta({
    title: 'Longest statement, in seconds',
    description: 'A statement that takes longer is cancelled.',
    order: 8,
  }),
}

export interface ConnectionConfig {
  readonly url?: string | undefined
  readonly host?: string | undefined
  readonly port: number
  readonly database?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly ssl: boolean
  readonly statement_timeout_seconds: number
}

/** For `refine`: a database has to be named, one way or the other. */
export function namesDatabase({ url, host, database }: Pick<ConnectionConfig, 'url' | 'host' | 'database'>): boolean {
  return url !== undefined || (host !== undefined && database !== undefined)
}

export const databaseUnnamed = 'give either url, or host and database'
