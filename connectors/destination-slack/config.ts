import { z } from 'zod'

export const configSchema = z.object({
  token: z.string().min(1).meta({
    title: 'Bot token',
    description: 'Of a Slack app with the scope chat:write; it starts with xoxb-.',
    airbyte_secret: true,
    order: 0,
  }),
  messages_per_second: z.number().positive().default(1).meta({
    title: 'Messages a second, for each channel',
    description: 'Slack allows about one, with short bursts.',
    order: 1,
  }),
  api_url: z
    .url({ protocol: /^https?$/ })
    .default('https://slack.com/api/')
    .meta({
      title: 'Address of the Web API',
      description: 'Another one than Slack’s own, for trying things out.',
      order: 2,
    }),
  timeout_seconds: z.number().positive().default(30).meta({
    title: 'Longest wait for an answer, in seconds',
    description: 'After it nobody knows whether a message was posted, so it is not posted again.',
    order: 3,
  }),
})

export type SlackConfig = z.output<typeof configSchema>
