import { z } from 'zod'
import { paceConfig } from '../kit/index.ts'

/** What every receiver of the specification is told. */
export const commonConfig = {
  write_key: z.string().min(1).meta({
    title: 'Write key',
    description: 'Of the source that the calls come in by.',
    airbyte_secret: true,
    order: 0,
  }),
  ...paceConfig({
    requestsPerSecond: 100,
    allowed: 'Together, whatever the number of streams.',
    timeoutSeconds: 30,
    afterTimeout: 'After it the request is made again; its messages are known by their ids.',
  }),
}

export type SpecConfig = z.output<z.ZodObject<typeof commonConfig>>
