import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import type { DestinationSpec, SyncMode } from '../../orchestrator/contract/index.ts'
import { freshDatabase } from '../../test/harness/postgres.ts'
import { type Member, type World, syncWorld } from './activities.fixture.ts'

const members = (...ids: string[]): Member[] => ids.map((id, index) => ({ id, value: 10 + index, tier: 'gold' }))

/** A sync to a table of a real database, by the destination that comes with Traitline. */
async function tableWorld(mode: SyncMode): Promise<{ world: World; rows: (text?: string) => Promise<unknown[]> }> {
  const database = await freshDatabase()
  onTestFinished(() => database.drop())
  const destination: DestinationSpec = {
    name: 'crm',
    connector: { type: 'builtin', name: 'postgres' },
    config: { url: { $env: 'SHOP_CRM_URL' } },
    streams: [
      {
        name: 'customers',
        fields: [
          { name: 'customer_id', type: 'text', required: true },
          { name: 'lifetime_value', type: 'number', required: true },
          { name: 'tier', type: 'text', required: false },
        ],
        key: ['customer_id'],
        open: false,
        modes: ['upsert', 'insert', 'mirror', 'append'],
      },
    ],
    definedAt: null,
  }
  const world = await syncWorld({ mode, destination, secrets: { SHOP_CRM_URL: database.url } })
  return {
    world,
    async rows(text = 'select customer_id, lifetime_value, tier from customers order by customer_id') {
      const client = new Client({ connectionString: database.url })
      await client.connect()
      try {
        return (await client.query(text)).rows as unknown[]
      } finally {
        await client.end()
      }
    },
  }
}

test('a mirrored table is the audience, row for row', async () => {
  const { world, rows } = await tableWorld('mirror')
  await world.source(members('a', 'b', 'c'))
  expect(await world.run()).toMatchObject({ failure: null, summary: '3 sent' })
  await world.source([
    { id: 'a', value: 0.1 + 0.2, tier: null },
    ...members('a', 'b').slice(1),
    { id: 'd', value: 1e20 },
  ])
  expect(await world.run()).toMatchObject({ failure: null, summary: '2 sent, 1 removed' })
  expect(await rows()).toEqual([
    { customer_id: 'a', lifetime_value: 0.1 + 0.2, tier: null },
    { customer_id: 'b', lifetime_value: 11, tier: 'gold' },
    { customer_id: 'd', lifetime_value: 1e20, tier: null },
  ])
})

test('an insert skips what is in the table, and never touches it', async () => {
  const { world, rows } = await tableWorld('insert')
  await rows(
    `create table customers (customer_id text primary key, lifetime_value double precision, tier text);
     insert into customers values ('b', -1, 'theirs')`,
  )
  await world.source(members('a', 'b'))
  expect(await world.run()).toMatchObject({ failure: null, summary: '1 sent, 1 skipped' })
  expect(await rows()).toEqual([
    { customer_id: 'a', lifetime_value: 10, tier: 'gold' },
    { customer_id: 'b', lifetime_value: -1, tier: 'theirs' },
  ])
})

test('several batches under way are all accounted for', async () => {
  const { world, rows } = await tableWorld('append')
  await world.source(Array.from({ length: 30_000 }, (_, index) => ({ id: `u${index}`, value: index })))
  expect(await world.run()).toMatchObject({ failure: null, summary: '30000 sent' })
  expect(await rows('select count(*)::int as rows, sum(lifetime_value) as total from customers')).toEqual([
    { rows: 30_000, total: (29_999 * 30_000) / 2 },
  ])
})

test('a destination that is not there fails before anything is frozen', async () => {
  const world = await syncWorld({
    mode: 'append',
    destination: {
      name: 'crm',
      connector: { type: 'builtin', name: 'postgres' },
      config: { url: 'postgres://nobody:planted@127.0.0.1:1/none' },
      streams: [{ name: 'customers', fields: [], key: [], open: true, modes: ['append'] }],
      definedAt: null,
    },
  })
  await world.source(members('a'))
  const { failure, frozen } = await world.run({ attempts: 1 })
  expect(failure).toMatchObject({ code: 'CONNECTOR_EXITED', blame: 'connector' })
  expect(JSON.stringify(failure)).not.toContain('planted')
  expect(frozen.batches).toBe(0)
})
