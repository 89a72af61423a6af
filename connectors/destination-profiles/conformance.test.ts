import pg from 'pg'
import { configuredStream } from '../../test/harness/destination.ts'
import { freshDatabase } from '../../test/harness/postgres.ts'
import { conforms } from '../conformance.fixture.ts'

conforms('profiles', ['a port where nobody listens', 'no place at all'], async () => {
  const database = await freshDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const counted = 'select count(*) as n from profiles.profiles'
  return {
    config: { url: database.url },
    badConfigs: { 'a port where nobody listens': { url: 'postgres://u@127.0.0.1:1/x' }, 'no place at all': {} },
    stream: configuredStream('users.notes', ['id', 'note'], {
      destination_sync_mode: 'append_dedup',
      primary_key: [['id']],
    }),
    row: (n, text = 'n') => ({ id: String(n), note: text }),
    written: async () => Number((await client.query<{ n: string }>(counted)).rows[0]?.n),
    close: async () => {
      await client.end()
      await database.drop()
    },
  }
})
