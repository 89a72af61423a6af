import { z } from 'zod'

/** What every receiver of the specification is told. */
export const commonConfig = {
  write_key: z.string().min(1).meta({
    title: 'Write key',
    description: 'Of the source that the calls come in by.',
    airbyte_secret: true,
    order: 0,
  }),
  requests_per_second: z.number().positive().default(100).meta({
    title: 'Requests a second',
    description: 'Together, whatever the number of streams.',
    order: 10,
  }),
  parallel_requests: z.int().min(1).max(64).default(4).meta({
    title: 'Requests at once',
    description: 'Of one batch.',
    order: 11,
  }),
  timeout_seconds: z.number().positive().default(30).meta({
    title: 'Longest wait for an answer, in seconds',
    description: 'After it the request is made again; its messages are known by their ids.',
    order: 12,
  }),
}

export type SpecConfig = z.output<z.ZodObject<typeof commonConfig>>
