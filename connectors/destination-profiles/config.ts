import { z } from 'zod'
import { connectionFields, databaseUnnamed, namesDatabase } from '../kit/postgres/index.ts'

export const configSchema = z
  .object({
    ...connectionFields,
    schema: z.string().min(1).max(63).default('profiles').meta({
      title: 'Schema',
      description: 'It is made, with its tables; nothing else should be in it.',
      order: 7,
    }),
    id_type: z
      .string()
      .regex(/^[a-z][a-z0-9_]*$/i)
      .default('user_id')
      .meta({ title: 'What the profiles’ own id is called', description: 'As in user_id:42.', order: 9 }),
  })
  .refine(namesDatabase, { message: databaseUnnamed })

export type ProfilesConfig = z.output<typeof configSchema>
