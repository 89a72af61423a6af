import { z } from 'zod'
import { paceConfig } from '../kit/index.ts'

export const regions = {
  us: 'https://api.mixpanel.com',
  eu: 'https://api-eu.mixpanel.com',
  in: 'https://api-in.mixpanel.com',
} as const

export const configSchema = z.object({
  project_token: z.string().min(1).meta({
    title: 'Project token',
    description: 'Of the project’s settings. It names the project, and may import events.',
    airbyte_secret: true,
    order: 0,
  }),
  service_account: z
    .object({
      username: z.string().min(1).meta({ title: 'User name', order: 0 }),
      secret: z.string().min(1).meta({ title: 'Secret', airbyte_secret: true, order: 1 }),
      project_id: z.string().min(1).meta({ title: 'Project id', order: 2 }),
    })
    .optional()
    .meta({
      title: 'Service account',
      description: 'Imports events instead of the token; it has to be an owner or administrator of the project.',
      order: 1,
    }),
  region: z.enum(['us', 'eu', 'in']).default('us').meta({
    title: 'Data residency',
    description: 'Where the project keeps its data.',
    order: 2,
  }),
  api_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      title: 'Address of the ingestion API',
      description: 'Another one than the region’s own, for a proxy or for trying things out.',
      order: 3,
    }),
  ...paceConfig({
    requestsPerSecond: 10,
    allowed: 'Mixpanel allows about 30,000 events a second, which are 15 full requests.',
    timeoutSeconds: 60,
    afterTimeout: 'After it the request is made again; events are known by their ids.',
  }),
})

export type MixpanelConfig = z.output<typeof configSchema>
