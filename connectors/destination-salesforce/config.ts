import { z } from 'zod'

export const configSchema = z.object({
  domain_url: z.url({ protocol: /^https?$/ }).meta({
    title: 'My Domain',
    description: 'Of the organisation: https://acme.my.salesforce.com, or https://acme--uat.sandbox.my.salesforce.com.',
    order: 0,
  }),
  client_id: z.string().min(1).meta({
    title: 'Consumer key',
    description: 'Of the connected app, or of the external client app.',
    order: 1,
  }),
  client_secret: z.string().min(1).meta({ title: 'Consumer secret', airbyte_secret: true, order: 2 }),
  refresh_token: z.string().min(1).optional().meta({
    title: 'Refresh token',
    description:
      'Writes as the user who gave it. Without it, as the user whom the app’s client credentials flow names.',
    airbyte_secret: true,
    order: 3,
  }),
  api_version: z
    .string()
    .regex(/^\d{2,3}\.0$/)
    .default('64.0')
    .meta({ title: 'Version of the API', order: 4 }),
  objects: z
    .array(z.string().regex(/^[A-Za-z]\w*$/))
    .default([])
    .meta({ title: 'Objects to describe', description: 'Any can be written; these are shown with fields.', order: 5 }),
  stop_at_percent: z.number().positive().max(100).default(90).meta({
    title: 'Share of the day’s API requests, in percent',
    description: 'Nothing more is sent once the organisation has used it: the rest is left to others.',
    order: 6,
  }),
  requests_per_second: z.number().positive().default(20).meta({ title: 'Requests a second', order: 7 }),
  parallel_requests: z.int().min(1).max(20).default(2).meta({
    title: 'Requests at once',
    description: 'Of one batch. More of them lock one another’s rows more often.',
    order: 8,
  }),
  lock_wait_seconds: z.number().nonnegative().default(1).meta({
    title: 'Wait for a locked row, in seconds',
    description: 'Doubled at each of three more attempts.',
    order: 9,
  }),
  timeout_seconds: z
    .number()
    .positive()
    .default(120)
    .meta({ title: 'Longest wait for an answer, in seconds', order: 10 }),
})

export type SalesforceConfig = z.output<typeof configSchema>
