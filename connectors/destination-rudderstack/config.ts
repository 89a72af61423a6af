import { z } from 'zod'
import { commonConfig } from '../segment-spec/index.ts'

export const configSchema = z.object({
  ...commonConfig,
  data_plane_url: z.url({ protocol: /^https?$/ }).meta({
    title: 'Data plane URL',
    description: 'As the connections page shows it: https://acme.dataplane.rudderstack.com.',
    order: 1,
  }),
})
