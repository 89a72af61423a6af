import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { configuredStream, recordLine, runProgram, stateLine } from '../../test/harness/destination.ts'
import { freshDatabase } from '../../test/harness/postgres.ts'
import type { ConfiguredAirbyteStream } from '../protocol/index.ts'
import { destinationPostgres } from './destination.ts'

let database: { url: string; drop(): Promise<void> }
let client: pg.Client
let schema: string
let count = 0

beforeAll(async () => {
  database = await freshDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await database.drop()
})
beforeEach(() => {
  schema = `s${count++}`
})

const columns = {
  id: { type: 'string' },
  orders: { type: ['null', 'integer'] },
  spent: { type: ['null', 'number'] },
  gold: { type: ['null', 'boolean'] },
  seen: { type: ['null', 'string'], format: 'date-time' },
  born: { type: ['null', 'string'], format: 'date' },
  extra: { type: ['null', 'object'] },
}

const upserts = configuredStream('users', columns, {
  destination_sync_mode: 'append_dedup',
  primary_key: [['id']],
  operation: 'upsert',
})
const deletes = configuredStream(
  'users__delete',
  { id: { type: 'string' } },
  {
    destination_sync_mode: 'soft_delete',
    destination_object_name: 'users',
    primary_key: [['id']],
    operation: 'delete',
  },
)
const appends = configuredStream('users', columns, { primary_key: [], operation: 'append' })
const inserts: ConfiguredAirbyteStream = { ...upserts, operation: 'insert' }
const updates: ConfiguredAirbyteStream = { ...upserts, destination_sync_mode: 'update', operation: 'update' }

function write(streams: readonly ConfiguredAirbyteStream[], lines: Iterable<string>) {
  return runProgram(
    destinationPostgres,
    'write',
    { config: { url: database.url, schema }, catalog: { streams } },
    lines,
  )
}

async function rows(sql = `select * from ${schema}.users order by 1`): Promise<Record<string, unknown>[]> {
  return (await client.query<Record<string, unknown>>(sql)).rows
}

describe('upsert', () => {
  test('creates the table with the types of the schema, then overwrites by key', async () => {
    const first = await write(
      [upserts],
      [
        recordLine('users', {
          id: 'a\tb\\c\nd',
          orders: 3,
          spent: 1.5,
          gold: true,
          seen: '2024-01-02T03:04:05Z',
          born: '1990-05-06',
          extra: { tags: ['x\\y'] },
        }),
        recordLine('users', { id: 'b', orders: null, spent: '12345678901234567890', gold: false }),
        stateLine('users', 0),
      ],
    )
    expect(first.said).toBe('')
    expect(first.states[0]?.destinationStats).toEqual({
      recordCount: 2,
      rejectedRecordCount: 0,
      rejected: [],
      skipped: [],
    })
    await write([upserts], [recordLine('users', { id: 'b', orders: 9 }), stateLine('users', 0)])
    expect(await rows(`select *, born::text as born from ${schema}.users order by id`)).toEqual([
      {
        id: 'a\tb\\c\nd',
        orders: '3',
        spent: 1.5,
        gold: true,
        seen: new Date('2024-01-02T03:04:05Z'),
        born: '1990-05-06',
        extra: { tags: ['x\\y'] },
      },
      { id: 'b', orders: '9', spent: null, gold: null, seen: null, born: null, extra: null },
    ])
  })

  test('of two rows with one key the later wins', async () => {
    const run = await write(
      [upserts],
      [recordLine('users', { id: 'a', orders: 1 }), recordLine('users', { id: 'a', orders: 2 }), stateLine('users', 0)],
    )
    expect(run.states[0]?.destinationStats).toMatchObject({ recordCount: 2, rejectedRecordCount: 0 })
    expect(await rows(`select id, orders from ${schema}.users`)).toEqual([{ id: 'a', orders: '2' }])
  })

  test('missing columns are added to a table that is there, and its own types are kept', async () => {
    await client.query(
      `create schema ${schema}; create table ${schema}.users (id uuid primary key, orders numeric(6,2), note text default 'n')`,
    )
    const id = '6f0c2f1e-6a6e-4c39-9e57-2b1f7c5d9a10'
    const run = await write(
      [upserts],
      [
        recordLine('users', { id, orders: 1.239, gold: true }),
        recordLine('users', { id: 'no uuid', orders: 1 }),
        stateLine('users', 0),
      ],
    )
    expect(run.states[0]?.destinationStats).toEqual({
      recordCount: 2,
      rejectedRecordCount: 1,
      rejected: [{ ordinal: 1, code: 'invalid_value', message: 'The value of id (uuid) is not valid for the column.' }],
      skipped: [],
    })
    expect(await rows(`select id, orders, gold, note from ${schema}.users`)).toEqual([
      { id, orders: '1.24', gold: true, note: 'n' },
    ])
  })

  test('a table without a unique key is refused with the statement that makes one', async () => {
    await client.query(`create schema ${schema}; create table ${schema}.users (id text)`)
    const run = await write([upserts], [recordLine('users', { id: 'a' }), stateLine('users', 0)])
    expect(run.code).toBe(1)
    expect(run.said).toContain(`create unique index on "${schema}"."users" ("id")`)
    expect(run.states).toEqual([])
  })
})

describe('delete', () => {
  test('comes before the upsert of the same batch, and an absent row is no failure', async () => {
    await write(
      [upserts],
      [recordLine('users', { id: 'old' }), recordLine('users', { id: 'both' }), stateLine('users', 0)],
    )
    const run = await write(
      [deletes, upserts],
      [
        recordLine('users__delete', { id: 'old' }),
        recordLine('users__delete', { id: 'both' }),
        recordLine('users__delete', { id: 'never' }),
        recordLine('users', { id: 'both', orders: 7 }),
        recordLine('users', { id: 'new' }),
        recordLine('users__delete', { id: 'new' }),
        stateLine('users', 0),
      ],
    )
    expect(run.states[0]?.destinationStats).toMatchObject({ recordCount: 6, rejectedRecordCount: 0 })
    expect(await rows(`select id, orders from ${schema}.users`)).toEqual([{ id: 'both', orders: '7' }])
  })

  test('without a table there is nothing to delete', async () => {
    const run = await write([deletes], [recordLine('users__delete', { id: 'a' }), stateLine('users__delete', 0)])
    expect(run).toMatchObject({ code: 0, states: [{ destinationStats: { recordCount: 1, rejectedRecordCount: 0 } }] })
  })
})

describe('insert and update', () => {
  test('insert skips what is there, and the second of two in one batch', async () => {
    await write([upserts], [recordLine('users', { id: 'a', orders: 1 }), stateLine('users', 0)])
    const run = await write(
      [inserts],
      [
        recordLine('users', { id: 'a', orders: 2 }),
        recordLine('users', { id: 'b', orders: 2 }),
        recordLine('users', { id: 'b', orders: 3 }),
        stateLine('users', 0),
      ],
    )
    expect(run.states[0]?.destinationStats?.skipped?.map(({ ordinal, code }) => [ordinal, code])).toEqual([
      [0, 'exists'],
      [2, 'exists'],
    ])
    expect(await rows(`select id, orders from ${schema}.users order by 1`)).toEqual([
      { id: 'a', orders: '1' },
      { id: 'b', orders: '2' },
    ])
  })

  test('an insert that is sent again is answered as the first time', async () => {
    const lines = [recordLine('users', { id: 'a' }), recordLine('users', { id: 'a' }), stateLine('users', 0)]
    const first = await write([inserts], lines)
    const again = await write([inserts], lines)
    expect(again.states).toEqual(first.states)
    expect(first.states[0]?.destinationStats?.skipped).toHaveLength(1)
  })

  test('update skips what is absent', async () => {
    await write([upserts], [recordLine('users', { id: 'a', orders: 1 }), stateLine('users', 0)])
    const run = await write(
      [updates],
      [recordLine('users', { id: 'a', orders: 5 }), recordLine('users', { id: 'b', orders: 5 }), stateLine('users', 0)],
    )
    expect(run.states[0]?.destinationStats?.skipped).toEqual([
      { ordinal: 1, code: 'absent', message: expect.stringContaining('no row with this key') as string },
    ])
    expect(await rows(`select id, orders from ${schema}.users`)).toEqual([{ id: 'a', orders: '5' }])
  })
})

describe('append', () => {
  test('a batch that is sent again changes nothing; the same rows in another batch do', async () => {
    const batch = (id: string): string[] => [
      recordLine('users', { id: 'a' }),
      recordLine('users', { id: 'a' }),
      stateLine('users', 0, id),
    ]
    await write([appends], batch('run1:0'))
    const again = await write([appends], [...batch('run1:0'), ...batch('run2:0')])
    expect(again.states.map(({ destinationStats }) => destinationStats?.recordCount)).toEqual([2, 2])
    expect(await rows()).toHaveLength(4)
  })

  test('rows without the STATE that closes them are not written', async () => {
    const run = await write(
      [appends],
      [recordLine('users', { id: 'a' }), stateLine('users', 0), recordLine('users', { id: 'b' })],
    )
    expect(run.code).toBe(1)
    expect(run.said).toContain('its 1 rows are not written')
    expect(await rows(`select id from ${schema}.users`)).toEqual([{ id: 'a' }])
  })

  test('a sender that knows no operations and sends no STATE has its rows written at the end', async () => {
    const foreign = { ...appends, operation: null, generation_id: 1, minimum_generation_id: 1 }
    const run = await write([foreign], [recordLine('users', { id: 'a' }), recordLine('users', { id: 'b' })])
    expect(run).toMatchObject({ code: 0, states: [] })
    expect(await rows()).toHaveLength(2)
  })
})

describe('rows that are not taken', () => {
  test('each is named with its column and reason, never its value; the others are written', async () => {
    await client.query(
      `create schema ${schema}; create table ${schema}.users
       (id varchar(8) primary key, orders int check (orders < 100), spent real not null default 0, seen timestamptz, extra jsonb)`,
    )
    const lines = Array.from({ length: 700 }, (_, index) =>
      recordLine('users', { id: `u${index}`, orders: 1, spent: 1 }),
    )
    lines[3] = recordLine('users', { id: 'u3', orders: 'secret-three', spent: 1 })
    lines[4] = recordLine('users', { id: 'u4-much-too-long-secret', orders: 1, spent: 1 })
    lines[5] = recordLine('users', { id: null, orders: 1, spent: 1 })
    lines[400] = recordLine('users', { id: 'u400', orders: 1234, spent: 1 })
    lines[401] = recordLine('users', { id: 'u401', orders: 1, spent: null })
    lines[500] = recordLine('users', { id: 'u500', orders: 1, spent: 1, seen: 'secret-day' })
    lines[699] = recordLine('users', { id: 'u\u0000', orders: 1, spent: 1 })
    const run = await write([upserts], [...lines, stateLine('users', 0)])
    expect(run.states[0]?.destinationStats?.rejected).toEqual([
      { ordinal: 3, code: 'invalid_value', message: 'The value of orders (integer) is not valid for the column.' },
      { ordinal: 4, code: 'too_long', message: 'The value of id (character varying(8)) is too long for the column.' },
      { ordinal: 5, code: 'null_key', message: 'The key (id) is null.' },
      {
        ordinal: 400,
        code: 'check_violated',
        message: 'A value breaks a check of the table (constraint users_orders_check).',
      },
      { ordinal: 401, code: 'missing_value', message: 'The value of spent is null, and the column must not be.' },
      {
        ordinal: 500,
        code: 'invalid_value',
        message: 'The value of seen (timestamp with time zone) is not a date or time.',
      },
      { ordinal: 699, code: 'invalid_text', message: expect.stringContaining('cannot store') as string },
    ])
    expect(await rows()).toHaveLength(693)
    expect(JSON.stringify(run.messages)).not.toContain('secret')
  })

  test('a batch of bad rows alone costs no more than its rows', async () => {
    const lines = Array.from({ length: 500 }, (_, index) => recordLine('users', { id: `u${index}`, orders: 'many' }))
    const run = await write([upserts], [...lines, stateLine('users', 0)])
    expect(run.states[0]?.destinationStats).toMatchObject({ recordCount: 500, rejectedRecordCount: 500 })
  })
})

describe('check and discover', () => {
  const check = (config: Record<string, unknown>) => runProgram(destinationPostgres, 'check', { config })

  test('a good configuration', async () => {
    const run = await check({ url: database.url, host: null })
    expect(run.messages).toEqual([{ type: 'CONNECTION_STATUS', connectionStatus: { status: 'SUCCEEDED' } }])
  })

  test.each([
    [
      'a port where nobody listens',
      { url: 'postgres://u:hidden-word@127.0.0.1:1/x' },
      '127.0.0.1:1 cannot be used: nothing listens there',
    ],
    ['no place at all', { host: '127.0.0.1' }, 'give either url, or host and database'],
    ['a wrong type', { url: 5 }, 'url: Invalid input: expected string'],
  ])('%s is told', async (_, config, message) => {
    const run = await check(config)
    expect(run.code).toBe(0)
    expect(run.messages).toMatchObject([{ type: 'CONNECTION_STATUS', connectionStatus: { status: 'FAILED' } }])
    expect(run.said).toContain(message)
    expect(run.said).not.toContain('hidden-word')
  })

  test('a database that does not exist', async () => {
    const url = new URL(database.url)
    url.pathname = '/nowhere'
    expect((await check({ url: url.href })).said).toContain('The database does not exist')
  })

  test('a user without privileges', async () => {
    const role = `reader_${process.pid}_${count}`
    await client.query(`create role ${role} login password 'pw-of-reader'; create schema ${schema}`)
    const url = new URL(database.url)
    url.username = role
    url.password = 'pw-of-reader'
    const run = await check({ url: url.href, schema })
    await client.query(`drop role ${role}`)
    expect(run.said).toContain(`grant USAGE and CREATE`)
  })

  test('discover tells the operations of each table', async () => {
    await write([upserts], [recordLine('users', { id: 'a' }), stateLine('users', 0)])
    await client.query(`create table ${schema}.log (line text, at timestamptz)`)
    const run = await runProgram(destinationPostgres, 'discover', { config: { url: database.url, schema } })
    const [message] = run.messages
    if (message?.type !== 'DESTINATION_CATALOG') throw new Error('no catalog')
    const { operations, idempotent } = message.destination_catalog
    expect(idempotent).toBe(true)
    expect(
      operations.map(({ object_name, sync_mode, matching_keys }) => [object_name, sync_mode, matching_keys]),
    ).toEqual([
      ['log', 'append', undefined],
      ['users', 'append', undefined],
      ['users', 'append_dedup', [['id']]],
      ['users', 'update', [['id']]],
      ['users', 'soft_delete', [['id']]],
    ])
  })
})
