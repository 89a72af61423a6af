import { expect, test } from 'vitest'
import type {
  ColumnType,
  FieldMapping,
  MappedValue,
  PreviewRequest,
  PreviewRow,
  SyncDryRunInput,
  SyncPreview,
} from '../../../orchestrator/contract/index.ts'
import { sealedBox } from '../../../orchestrator/main/sealed.ts'
import { sha256 } from '../../../connectors/identifiers/index.ts'
import { quietEnvironment, syncWorld, type World } from '../activities.fixture.ts'
import { createDryRunActivities } from '../dry-run.ts'

const plain = (text: string) => ({ text, parameters: [] })
const column = (name: string, of: ColumnType = 'text'): MappedValue => ({
  ...{ type: 'column', asset: 'source/people', column: name, of },
})

/** A field of every type of column, and values that are made of them. */
const mapping: readonly FieldMapping[] = [
  { field: 'customer_id', value: { type: 'key' } },
  { field: 'lifetime_value', value: { type: 'trait', trait: 'trait/lifetime_value' } },
  {
    field: 'tier',
    value: { type: 'cast', value: { type: 'object', fields: { at: column('since', 'timestamp') } }, to: 'text' },
  },
  { field: 'tags', value: column('tags', 'json') },
  { field: 'visits', value: column('visits', 'integer') },
  { field: 'day', value: column('day', 'date') },
  { field: 'em', value: { type: 'identifier', value: column('email'), as: 'email', for: 'meta', invalid: 'reject' } },
]

async function worldWithPeople(dialect: 'duckdb' | 'postgres'): Promise<World> {
  const world = await syncWorld({ mode: 'upsert', dialect, mapping: mapping.slice(0, 3) })
  const tags = dialect === 'duckdb' ? "['a', 'b']" : `to_jsonb(array['a', 'b'])`
  const people = (id: string, email: string) =>
    `select '${id}' as customer_id, ${email} as email, ${tags} as tags, cast(7 as bigint) as visits,` +
    ` cast('2024-01-02 03:04:05.5+00' as timestamptz) as since, cast('2024-01-02' as date) as day`
  const rows = [people('a', "'A@Canary.example '"), people('b', "'nobody'"), people('c', `'${sha256('x')}'`)]
  await world.source(['a', 'b', 'c'].map((id) => ({ id, value: 1, tier: 'gold' })))
  await world.warehouse.transaction([plain(`create table traitline_shop.people as ${rows.join(' union all ')}`)])
  return world
}

async function preview(world: World, request: PreviewRequest, publicKey?: string) {
  const { dryRunSync } = createDryRunActivities(world.deps())
  const input: SyncDryRunInput = {
    ...{ environment: 'test', project: 'shop', id: 'asked', revision: 1, sync: world.syncKey, warehouseQueue: 'w' },
    ...{ samples: 0, preview: request },
    ...(publicKey !== undefined && { publicKey }),
  }
  await quietEnvironment().run(dryRunSync, input)
  const { answer, sealed } = (await world.store.results.get('asked'))!
  return { answer: answer as SyncPreview, sealed }
}

test.each(['duckdb', 'postgres'] as const)(
  'rows of a given mapping are shown as they would be sent, masked or sealed, in %s; and are sent like that',
  async (dialect) => {
    const world = await worldWithPeople(dialect)
    const box = sealedBox()
    const { answer, sealed } = await preview(world, { rows: 3, mapping }, box.publicKey)
    expect(answer).toMatchObject({ sync: world.syncKey, stream: 'customers', masked: true })
    expect(answer.rows[0]).toEqual({
      key: '***',
      data: {
        ...{ customer_id: '***', lifetime_value: '***', tier: '***', tags: ['***', '***'], visits: '***', day: '***' },
        em: '***',
      },
      rejected: null,
      notes: [],
    })
    expect(JSON.stringify(answer).toLowerCase()).not.toContain('canary')

    const rows = JSON.parse(box.open(sealed!)) as PreviewRow[]
    const data = {
      ...{ customer_id: 'a', lifetime_value: 1, tier: '{"at":"2024-01-02T03:04:05.500Z"}', tags: ['a', 'b'] },
      ...{ visits: 7, day: '2024-01-02', em: sha256('a@canary.example') },
    }
    expect(rows).toEqual([
      { key: 'a', data, rejected: null, notes: [] },
      {
        ...{ key: 'b', data: null, notes: [] },
        rejected: {
          code: 'IDENTIFIER_INVALID',
          message: 'the value of the field em is no email that meta could match',
        },
      },
      {
        ...{ key: 'c', data: { ...data, customer_id: 'c', em: sha256('x') }, rejected: null },
        notes: [{ field: 'em', code: 'ALREADY_HASHED' }],
      },
    ])
    expect(await world.spools()).toEqual([])
    expect(await world.applied()).toEqual([])

    world.define({ mapping })
    expect((await world.run()).summary).toContain('1 rejected')
    expect(await world.destination()).toEqual({ a: data, c: { ...data, customer_id: 'c', em: sha256('x') } })
    // What the run alone decides makes no row differ.
    world.define({ mapping: [...mapping, { field: 'at', value: { type: 'bookkeeping', what: 'synced_at' } }] })
    await world.run()
    const sent = (await world.applied()).length
    await world.run()
    expect((await world.applied()).length).toBe(sent)
    // What only a column says does.
    await world.warehouse.transaction([plain("update traitline_shop.people set visits = 8 where customer_id = 'a'")])
    await world.source(['a', 'b', 'c'].map((id) => ({ id, value: 1, tier: 'gold' })))
    await world.run()
    expect((await world.applied()).length).toBe(sent + 1)
  },
)

test('a mapping that reads what is not there says so, and nothing of it is left', async () => {
  const world = await worldWithPeople('duckdb')
  const missing = [{ field: 'x', value: column('nope') }]
  await expect(preview(world, { rows: 1, mapping: missing })).rejects.toMatchObject({ code: 'SYNC_COLUMN_MISSING' })
  expect((await preview(world, { rows: 2 })).answer.rows).toHaveLength(2)
  expect(await world.spools()).toEqual([])
})
