import { z } from 'zod'

export const configSchema = z
  .object({
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
    schema: z
      .string()
      .min(1)
      .max(63)
      .default('public')
      .meta({ title: 'Schema', description: 'Where tables are looked for and made.', order: 7 }),
    statement_timeout_seconds: z.number().positive().default(600).meta({
      title: 'Longest statement, in seconds',
      description: 'A statement that takes longer is cancelled.',
      order: 8,
    }),
  })
  .refine(({ url, host, database }) => url !== undefined || (host !== undefined && database !== undefined), {
    message: 'give either url, or host and database',
  })

export type PostgresConfig = z.output<typeof configSchema>
