import { z } from 'zod'

export const configSchema = z.object({
  access_token: z.string().min(1).meta({
    title: 'Access token',
    description: 'Of a system user with the permission ads_management who is an admin of the ad account.',
    airbyte_secret: true,
    order: 0,
  }),
  ad_account_id: z
    .string()
    .regex(/^(act_)?\d+$/, 'should be the number of an ad account, such as act_1234567890')
    .meta({ title: 'Ad account', order: 1 }),
  app_secret: z.string().min(1).optional().meta({
    title: 'App secret',
    description: 'Where the app asks for appsecret_proof with each call.',
    airbyte_secret: true,
    order: 2,
  }),
  country: z
    .string()
    .regex(/^[A-Za-z]{2}$/, 'should be a country of two letters, such as DE')
    .optional()
    .meta({
      title: 'Country',
      description:
        'Where phone numbers without a country code, regions and postal codes belong; a row’s own goes first.',
      order: 3,
    }),
  users_per_request: z.int().min(1).max(10_000).default(10_000).meta({ title: 'Users a request, at most', order: 4 }),
  requests_per_second: z.number().positive().default(5).meta({ title: 'Requests a second', order: 5 }),
  timeout_seconds: z
    .number()
    .positive()
    .default(120)
    .meta({ title: 'Longest wait for an answer, in seconds', order: 6 }),
  api_version: z
    .string()
    .regex(/^v\d+\.\d+$/, 'should be a version such as v25.0')
    .default('v25.0')
    .meta({ title: 'Version of the Graph API', order: 7 }),
  api_url: z
    .url({ protocol: /^https?$/ })
    .default('https://graph.facebook.com')
    .meta({ title: 'Address of the Graph API', order: 8 }),
})

export type MetaConfig = z.output<typeof configSchema>

export function accountOf({ ad_account_id: id }: MetaConfig): string {
  return id.startsWith('act_') ? id : `act_${id}`
}
