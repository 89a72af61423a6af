import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deliver, type GivenRow } from '../../test/harness/deliver.ts'
import { configuredStream, recordLine, runProgram } from '../../test/harness/destination.ts'
import { freshDatabase } from '../../test/harness/postgres.ts'
import type { ConfiguredAirbyteStream, JsonData } from '../protocol/index.ts'
import { destinationProfiles } from './destination.ts'

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
  schema = `store_${count++}`
})

const stream = (object: string, operation: ConfiguredAirbyteStream['operation'] = 'upsert'): ConfiguredAirbyteStream =>
  configuredStream(`${object} ${operation}`, ['id'], {
    destination_sync_mode: operation === 'upsert' || operation === 'add' ? 'append_dedup' : 'soft_delete',
    destination_object_name: object,
    primary_key: [['id']],
    operation,
  })

function write(
  streams: readonly ConfiguredAirbyteStream[],
  batches: readonly (readonly GivenRow[])[],
  config: JsonData = {},
) {
  return deliver(destinationProfiles, { url: database.url, schema, ...config }, streams, batches)
}

const upsert = (object: string, rows: readonly JsonData[]) => write([stream(object)], [rows])
const remove = (object: string, ids: readonly string[]) =>
  write([stream(object, 'delete')], [ids.map((id) => ({ id }))])

async function profiles(collection = 'users'): Promise<Record<string, unknown>> {
  const { rows } = await client.query<{ id: string; traits: JsonData; external_ids: JsonData; revision: string }>(
    `select id, traits, external_ids, revision from ${schema}.profiles where collection = $1 order by id`,
    [collection],
  )
  return Object.fromEntries(rows.map(({ id, traits, external_ids: ids, revision }) => [id, [traits, ids, +revision]]))
}

async function lookUp(type: string, value: string): Promise<string[]> {
  const { rows } = await client.query<{ profile: string }>(
    `select profile from ${schema}.external_ids where collection = 'users' and type = $1 and value = $2 order by 1`,
    [type, value],
  )
  return rows.map(({ profile }) => profile)
}

test('each sync’s fields make a part of one profile; its row’s removal takes only them', async () => {
  await upsert('users.scores', [
    { id: '1', score: 0.5, tier: 'gold', nested: { a: [1, null] } },
    { id: '2', score: 0.1, tier: null },
  ])
  await upsert('users.crm', [{ id: '1', name: 'Ada "é"\t\\', external_ids: { email: 'ada@example.com' } }])
  expect(await profiles()).toEqual({
    '1': [{ score: 0.5, tier: 'gold', nested: { a: [1, null] }, name: 'Ada "é"\t\\' }, { email: 'ada@example.com' }, 2],
    '2': [{ score: 0.1 }, {}, 1],
  })
  await upsert('users.scores', [{ id: '1', score: 0.6 }])
  expect(await profiles()).toMatchObject({
    '1': [{ score: 0.6, name: 'Ada "é"\t\\' }, { email: 'ada@example.com' }, 3],
  })
  expect(Object.keys(((await profiles())['1'] as [JsonData])[0])).not.toContain('tier')

  await remove('users.scores', ['1', '2', 'never there'])
  expect(await profiles()).toEqual({ '1': [{ name: 'Ada "é"\t\\' }, { email: 'ada@example.com' }, 4] })
  await remove('users.crm', ['1'])
  expect(await profiles()).toEqual({})
  expect(await lookUp('email', 'ada@example.com')).toEqual([])
})

test('an audience is a boolean trait of its members', async () => {
  await upsert('users.crm', [{ id: '1', name: 'Ada' }])
  await write([stream('users#at_risk', 'add')], [[{ id: '1' }, { id: '2' }]])
  expect(await profiles()).toEqual({
    '1': [{ name: 'Ada', at_risk: true }, {}, 2],
    '2': [{ at_risk: true }, {}, 1],
  })
  const { answers } = await write([stream('users#at_risk', 'remove')], [[{ id: '1' }, { id: '2' }, { id: '3' }]])
  expect(answers).toMatchObject([{ recordCount: 3, rejected: [], skipped: [] }])
  expect(await profiles()).toEqual({ '1': [{ name: 'Ada' }, {}, 3] })
})

test('a batch that is sent again changes nothing, its revision neither', async () => {
  const rows = [{ id: '1', score: 1, external_ids: { email: 'a@example.com' } }]
  for (let time = 0; time < 2; time++) await upsert('users.scores', rows)
  expect(await profiles()).toEqual({ '1': [{ score: 1 }, { email: 'a@example.com' }, 1] })
})

test('profiles are found by any of their ids, as these are by now', async () => {
  await upsert('users.crm', [
    { id: '1', external_ids: { email: 'shared@example.com', phone: 49, gone: null } },
    { id: '2', external_ids: { email: 'shared@example.com' } },
  ])
  expect(await lookUp('email', 'shared@example.com')).toEqual(['1', '2'])
  expect([await lookUp('phone', '49'), await lookUp('gone', 'null')]).toEqual([['1'], []])
  await upsert('users.crm', [{ id: '1', external_ids: { email: 'own@example.com' } }])
  await upsert('users.other', [{ id: '2', external_ids: { anonymous_id: 'x' } }])
  expect(await lookUp('email', 'shared@example.com')).toEqual(['2'])
  expect([await lookUp('email', 'own@example.com'), await lookUp('phone', '49')]).toEqual([['1'], []])
  expect(await lookUp('anonymous_id', 'x')).toEqual(['2'])
  const { rows } = await client
    .query<{ 'QUERY PLAN': string }>(
      `set enable_seqscan = off; explain select profile from ${schema}.external_ids where collection = 'a' and type = 'b' and value = 'c'`,
    )
    .then((results) => (results as unknown as (typeof results)[])[1] as typeof results)
  expect(rows.map((row) => row['QUERY PLAN']).join()).toMatch(/Index (Only )?Scan/)
})

test('rows that make no profile are rejected alone', async () => {
  const { answers, messages } = await upsert('users.crm', [
    { id: null, name: 'private' },
    { id: '1', name: 'ok' },
    { id: '2', name: 'private\0' },
    { id: '3', name: '\ud800' },
    { id: '4', name: 'back\\u0000slash' },
    { id: '5', external_ids: ['private'] },
    { id: '1', name: 'the last counts' },
  ])
  expect(answers[0]?.rejected?.map(({ ordinal, code }) => [ordinal, code])).toEqual([
    [0, 'null_key'],
    [2, 'invalid_text'],
    [3, 'invalid_text'],
    [5, 'invalid_external_ids'],
  ])
  expect(JSON.stringify(messages)).not.toContain('private')
  expect(await profiles()).toEqual({
    '1': [{ name: 'the last counts' }, {}, 1],
    '4': [{ name: 'back\\u0000slash' }, {}, 1],
  })
})

test('deletions and upserts of a batch are one transaction; a batch that was cut off leaves nothing', async () => {
  const streams = [stream('users.crm', 'delete'), stream('users.crm')]
  await write(streams, [[['users.crm upsert', { id: '1', name: 'Ada' }]]])
  await write(streams, [
    [
      ['users.crm delete', { id: '1' }],
      ['users.crm upsert', { id: '2', name: 'Bob' }],
    ],
  ])
  expect(await profiles()).toEqual({ '2': [{ name: 'Bob' }, {}, 1] })
  const lines = Array.from({ length: 60_000 }, (_, n) => recordLine('users.crm upsert', { id: `x${n}` }))
  const config = { url: database.url, schema }
  const run = await runProgram(destinationProfiles, 'write', { config, catalog: { streams: [stream('users.crm')] } }, [
    lines.join(''),
  ])
  expect(run).toMatchObject({ code: 1, states: [] })
  expect(Object.keys(await profiles())).toEqual(['2'])
})

test('syncs that write the same profiles at once lose nothing of each other', async () => {
  const rows = (name: string, reversed: boolean): JsonData[] => {
    const made = Array.from({ length: 500 }, (_, n) => ({ id: String(n), [name]: n, external_ids: { [name]: n } }))
    return reversed ? made.reverse() : made
  }
  const runs = await Promise.all(['a', 'b', 'c'].map((name, at) => upsert(`users.${name}`, rows(name, at % 2 === 1))))
  expect(runs.map(({ code }) => code)).toEqual([0, 0, 0])
  const made = await profiles()
  expect(Object.keys(made)).toHaveLength(500)
  expect(made['7']).toEqual([{ a: 7, b: 7, c: 7 }, { a: '7', b: '7', c: '7' }, 3])
})

test('after any history the profiles are what the parts that are left say', async () => {
  const ids = ['1', '2', '3']
  const fields = fc.dictionary(fc.constantFrom('x', 'y', 'own'), fc.integer({ min: 0, max: 2 }))
  const step = fc.record({
    part: fc.constantFrom('users.a', 'users.b', 'users.c'),
    set: fc.dictionary(fc.constantFrom(...ids), fields),
    take: fc.subarray(ids),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (history) => {
      schema = `store_${count++}`
      const model = new Map<string, Map<string, JsonData>>()
      for (const { part, set, take } of history) {
        const streams = [stream(part, 'delete'), stream(part)]
        await write(streams, [
          [
            ...take.map((id): GivenRow => [`${part} delete`, { id }]),
            ...Object.entries(set).map(([id, own]): GivenRow => [`${part} upsert`, { id, ...own, external_ids: own }]),
          ],
        ])
        for (const id of take) model.get(id)?.delete(part)
        for (const [id, own] of Object.entries(set))
          model.set(id, (model.get(id) ?? new Map<string, JsonData>()).set(part, own))
      }
      const expected = [...model]
        .filter(([, parts]) => parts.size > 0)
        .map(
          ([id, parts]) =>
            [id, Object.assign({}, ...[...parts.keys()].sort().map((part) => parts.get(part))) as JsonData] as const,
        )
      const got = Object.entries(await profiles()).map(([id, row]) => [id, (row as [JsonData])[0]])
      expect(Object.fromEntries(got)).toEqual(Object.fromEntries(expected))
      const { rows } = await client.query<{ profile: string; type: string; value: string }>(
        `select profile, type, value from ${schema}.external_ids`,
      )
      const pairs = expected.flatMap(([id, own]) =>
        Object.entries(own).map(([type, value]) => `${id} ${type} ${String(value)}`),
      )
      expect(rows.map(({ profile, type, value }) => `${profile} ${type} ${value}`).sort()).toEqual(pairs.sort())
    }),
    { numRuns: 12, endOnFailure: true },
  )
}, 60_000)

describe('what is refused before anything is written', () => {
  test.each([
    ['an object without a part', 'users', {}, 'a collection and a part of it'],
    ['an append', 'users.a', { operation: 'append' as const, destination_sync_mode: 'append' as const }, 'no append'],
    ['two keys', 'users.a', { primary_key: [['a'], ['b']] }, 'should be one field'],
  ])('%s', async (_, object, more, words) => {
    const { said, code } = await write([{ ...stream(object), ...more }], [[{ id: '1' }]])
    expect(code).toBe(1)
    expect(said).toContain(words)
  })

  test('another name of the ids, or a store of a newer Traitline', async () => {
    await upsert('users.a', [{ id: '1' }])
    const other = await write([stream('users.a')], [[{ id: '1' }]], { id_type: 'customer_id' })
    expect(other.said).toContain('are called user_id, not customer_id')
    await client.query(`update ${schema}.collections set version = 99`)
    expect((await upsert('users.a', [{ id: '1' }])).said).toContain('by a newer Traitline')
  })
})
