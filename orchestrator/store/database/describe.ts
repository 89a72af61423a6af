import { Client } from 'pg'
import { schemaVersion } from '../migrations/index.ts'
import { clientConfig } from './client-config.ts'
import { translated } from './errors.ts'

export interface DatabaseDescription {
  /** As `server_version_num` has it: 180004 for 18.4. */
  readonly server: number
  /** Version of the schema `traitline`; 0 for none. */
  readonly schema: number
  /** The version that this code reads and writes. */
  readonly expected: number
}

/** What a database is, whatever its schema's version. Throws STORE_UNREACHABLE. */
export async function describeDatabase(url: string): Promise<DatabaseDescription> {
  const client = new Client(clientConfig({ url, applicationName: 'traitline doctor' }))
  client.on('error', () => {})
  return translated(url, async () => {
    await client.connect()
    try {
      const { rows } = await client.query<{ server: number; known: boolean }>(
        `select current_setting('server_version_num')::int as server,
          to_regclass('traitline.migration') is not null as known`,
      )
      const [found] = rows
      const version = found?.known
        ? await client.query<{ version: number }>('select coalesce(max(number), 0) as version from traitline.migration')
        : null
      return { server: found?.server ?? 0, schema: version?.rows[0]?.version ?? 0, expected: schemaVersion }
    } finally {
      await client.end()
    }
  })
}
