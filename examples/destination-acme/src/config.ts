import { z } from 'zod'

/** What the user fills in. Descriptions become the form’s help; `airbyte_secret` keeps a value out of logs. */
export const configSchema = z.object({
  api_url: z.url().describe('Address of Acme’s API.').default('https://api.acme.example'),
  api_key: z.string().min(1).describe('An API key that may write contacts.').meta({ airbyte_secret: true }),
  requests_per_second: z.number().positive().describe('What your plan allows.').default(10),
})

export type AcmeConfig = z.output<typeof configSchema>
