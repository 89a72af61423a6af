import { z } from 'zod'

const digestSchema = z.object({
  name: z.string().min(1).meta({ title: 'Name', description: 'Its stream is digest:<name>.' }),
  channel: z.string().min(1).meta({ title: 'Channel, by name or id' }),
  title: z.string().min(1).default('{{ count }} rows').meta({
    title: 'Title',
    description: 'A Liquid template; count, shown and more are numbers of rows.',
  }),
  more: z.string().min(1).default('_and {{ more }} more_').meta({ title: 'What is said of rows that are not shown' }),
  max_rows: z.int().min(1).max(1_000).default(20).meta({ title: 'Rows that are shown at most' }),
  thread: z.boolean().default(false).meta({
    title: 'In a thread',
    description: 'The title is the message, and each row a reply to it.',
  }),
})

export type DigestConfig = z.output<typeof digestSchema>

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
  digests: z.array(digestSchema).default([]).meta({
    title: 'Digests',
    description: 'One message for many rows.',
    order: 4,
  }),
  lookups_per_minute: z.number().positive().default(50).meta({
    title: 'People looked up by e-mail, a minute',
    description: 'Slack allows about fifty. The app needs the scope users:read.email.',
    order: 5,
  }),
})

export type SlackConfig = z.output<typeof configSchema>
