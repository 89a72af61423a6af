import { z } from 'zod'
import { commonConfig } from '../segment-spec/index.ts'

export const regions = { us: 'https://api.segment.io', eu: 'https://events.eu1.segmentapis.com' } as const

export const configSchema = z.object({
  ...commonConfig,
  region: z.enum(['us', 'eu']).default('us').meta({
    title: 'Region of the workspace',
    description: 'Segment answers as usual at the wrong one, and keeps nothing.',
    order: 1,
  }),
  api_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      title: 'Address of the API',
      description: 'Another one than the region’s own, for a proxy or for trying things out.',
      order: 2,
    }),
})

export type SegmentConfig = z.output<typeof configSchema>
