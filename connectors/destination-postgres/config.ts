import { z } from 'zod'
import { connectionFields, databaseUnnamed, namesDatabase } from '../kit/postgres/index.ts'

export const configSchema = z
  .object({
    ...connectionFields,
    schema: z
      .string()
      .min(1)
      .max(63)
      .default('public')
      .meta({ title: 'Schema', description: 'Where tables are looked for and made.', order: 7 }),
  })
  .refine(namesDatabase, { message: databaseUnnamed })

export type PostgresConfig = z.output<typeof configSchema>
