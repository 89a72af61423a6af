import { z } from 'zod'
import { paceConfig } from '../kit/index.ts'

export const configSchema = z.object({
  api_key: z.string().min(1).meta({
    title: 'REST API key',
    description: 'With the permissions users.track, and users.delete and subscription.status.set where they are used.',
    airbyte_secret: true,
    order: 0,
  }),
  endpoint: z.url({ protocol: /^https?$/ }).meta({
    title: 'REST endpoint',
    description: 'Of the instance that the workspace is on: https://rest.iad-01.braze.com.',
    order: 1,
  }),
  alias_label: z.string().min(1).default('traitline').meta({
    title: 'Label of user aliases',
    description: 'Of the aliases that alias_name names.',
    order: 2,
  }),
  objects_per_request: z.int().min(1).max(75).default(75).meta({
    title: 'Objects a request',
    description: 'Attributes, events or purchases: 75, or 50 for plans by monthly active users of 2024 and 2025.',
    order: 3,
  }),
  ...paceConfig({
    requestsPerSecond: 250,
    allowed: 'To /users/track. Most plans allow 3,000 in three seconds, for all who write to the workspace.',
    timeoutSeconds: 30,
    afterTimeout: 'After it nobody knows whether events and purchases were taken, so they are not sent again.',
  }),
})

export type BrazeConfig = z.output<typeof configSchema>
