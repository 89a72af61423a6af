import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { airbyteErrors } from '../test/harness/airbyte-schema.ts'
import { configuredStream } from '../test/harness/destination.ts'
import { freshDatabase } from '../test/harness/postgres.ts'
import { startSlackStandIn } from '../test/stand-ins/slack.ts'
import { conformanceCases, type ConformanceTarget } from './kit/conformance.ts'

function program(name: string): Pick<ConformanceTarget, 'command' | 'args' | 'kit' | 'messageErrors' | 'timeoutMs'> {
  return {
    command: process.execPath,
    args: [fileURLToPath(new URL(`./bin/${name}`, import.meta.url))],
    kit: true,
    messageErrors: (message) => airbyteErrors('AirbyteMessage', message),
    timeoutMs: 30_000,
  }
}

/** Registers the cases; what the target needs is made before the first of them. */
function conforms(
  name: string,
  make: () => Promise<{ target: ConformanceTarget; close: () => Promise<void> }>,
  names: readonly string[],
): void {
  describe(name, () => {
    let made: Awaited<ReturnType<typeof make>>
    let cases: ReadonlyMap<string, () => Promise<void>>
    beforeAll(async () => {
      made = await make()
      cases = new Map(conformanceCases(made.target).map((one) => [one.name, one.run]))
    })
    afterAll(() => made.close())
    test.each(names)('%s', (one) => cases.get(one)?.())
  })
}

/** The names do not depend on what the target holds. */
function namesFor(badConfigs: readonly string[]): string[] {
  const target = {
    badConfigs: Object.fromEntries(badConfigs.map((name) => [name, {}])),
    kit: true,
  } as unknown as ConformanceTarget
  return conformanceCases(target).map(({ name }) => name)
}

const badPostgres = ['a port where nobody listens', 'no place at all']

conforms(
  'destination-postgres',
  async () => {
    const database = await freshDatabase()
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    await client.query('create table public.people (id text primary key, note text)')
    const target: ConformanceTarget = {
      ...program('destination-postgres'),
      config: { url: database.url },
      badConfigs: { 'a port where nobody listens': { url: 'postgres://u@127.0.0.1:1/x' }, 'no place at all': {} },
      stream: configuredStream('people', ['id', 'note'], {
        destination_sync_mode: 'append_dedup',
        primary_key: [['id']],
      }),
      row: (n, text = 'n') => ({ id: String(n), note: text }),
      written: async () => Number((await client.query<{ n: string }>('select count(*) as n from people')).rows[0]?.n),
    }
    return {
      target,
      close: async () => {
        await client.end()
        await database.drop()
      },
    }
  },
  namesFor(badPostgres),
)

const badSlack = ['no token', 'a rate of nothing']

conforms(
  'destination-slack',
  async () => {
    const slack = await startSlackStandIn()
    const config = { token: 'xoxb-1', api_url: slack.url, messages_per_second: 1_000 }
    const target: ConformanceTarget = {
      ...program('destination-slack'),
      config,
      badConfigs: {
        'no token': { ...config, token: null },
        'a rate of nothing': { ...config, messages_per_second: 0 },
      },
      stream: configuredStream('#people', ['text']),
      row: (n, text = '') => ({ text: `message ${n} ${text}` }),
      written: async () => slack.taken.length,
    }
    return { target, close: () => slack.close() }
  },
  namesFor(badSlack),
)
