import { expect, test } from 'vitest'
import { tempDir } from '../../../test/harness/temp.ts'
import type { SyncSpec } from '../../contract/index.ts'
import {
  airbyte,
  audience,
  cast,
  choose,
  coalesce,
  command,
  constant,
  entity,
  hashed,
  project,
  source,
  sync,
  syncedAt,
  template,
  trait,
  type Sync,
} from '../../define/index.ts'
import { manifestSchema } from '../../schema/index.ts'
import { compileProject } from '../index.ts'

const people = source('people', {
  table: 'raw.people',
  columns: { id: 'text', ok: 'boolean', email: 'text', tags: 'json', tier: 'text', n: 'number' },
})
const other = source('other', { table: 'raw.other', columns: { key: 'text', email: 'text' } })
const person = entity('person', { key: 'id', population: people })
const ok = trait.boolean('ok', { of: person, from: people.column('ok') })
const tier = trait.categorical('tier', { of: person, categories: ['vip'], from: people.column('tier') })
const best = audience('best', { of: person, where: ok.isTrue() })
const crm = airbyte('crm', {
  connector: command(['destination']),
  config: {},
  streams: {
    people: {
      fields: { id: 'text', 'full.name': 'text?', more: 'json?', note: 'text?' },
      key: 'id',
      open: true,
      modes: ['upsert', 'append'],
    },
    closed: { fields: { id: 'text', n: 'integer?' }, key: 'id', modes: ['upsert'] },
    list: { fields: { email: 'text' }, key: 'email', modes: ['add', 'members'] },
  },
})

async function compiled(definition: Sync): Promise<SyncSpec> {
  const definitions = project('p', { assets: [definition] })
  const { manifest } = await compileProject({
    dir: await tempDir(),
    definitions,
    dbt: () => Promise.reject(new Error()),
  })
  const parsed = manifestSchema.parse(JSON.parse(JSON.stringify(manifest)))
  expect(parsed).toEqual(manifest)
  return manifest.assets.find((asset): asset is SyncSpec => asset.kind === 'sync') as SyncSpec
}

async function problemsOf(definition: Sync): Promise<string> {
  const error: unknown = await compiled(definition).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'PROJECT_INVALID', blame: 'user' })
  return (error as Error).message
}

const wrong = (value: unknown): never => value as never
const email = { type: 'column', asset: 'source/people', column: 'email', of: 'text' } as const

test('values of every kind become plain data, and what they read are its dependencies', async () => {
  const spec = await compiled(
    sync('all', {
      from: best,
      to: crm.stream('people'),
      mode: 'append',
      map: {
        id: person.key,
        'full.name': constant('x'),
        'more.contact.email': people.column('email'),
        'more.contact.tags': people.column('tags'),
        note: template('{{ e }}', { e: people.column('email') }),
        lists: [tier, { hash: hashed(people.column('email'), { as: 'email', for: 'meta', country: 'DE' }) }],
        plan: choose(tier, { vip: 'gold' }, coalesce(tier, 'none')),
        on: cast(ok, 'text'),
        at: syncedAt(),
      },
      ignoreNulls: ['more', 'plan'],
    }),
  )
  expect(spec.deps).toEqual(['audience/best', 'source/people', 'trait/tier', 'trait/ok'])
  const trait = { type: 'trait', trait: 'trait/tier' }
  expect(spec.mapping).toEqual([
    { field: 'id', value: { type: 'key' } },
    { field: 'full.name', value: { type: 'constant', value: 'x' } },
    { field: 'note', value: { type: 'template', template: '{{ e }}', variables: { e: email } } },
    {
      field: 'lists',
      value: {
        type: 'list',
        items: [
          trait,
          {
            type: 'object',
            fields: {
              hash: {
                ...{ type: 'identifier', value: email, as: 'email', for: 'meta', invalid: 'reject' },
                country: { type: 'constant', value: 'DE' },
              },
            },
          },
        ],
      },
    },
    {
      field: 'plan',
      value: {
        ...{ type: 'choice', value: trait, cases: { vip: { type: 'constant', value: 'gold' } } },
        otherwise: { type: 'coalesce', values: [trait, { type: 'constant', value: 'none' }] },
      },
      ignoreNull: true,
    },
    { field: 'on', value: { type: 'cast', value: { type: 'trait', trait: 'trait/ok' }, to: 'text' } },
    { field: 'at', value: { type: 'bookkeeping', what: 'synced_at' } },
    {
      field: 'more',
      value: {
        type: 'object',
        fields: {
          contact: { type: 'object', fields: { email, tags: { ...email, column: 'tags', of: 'json' } } },
        },
      },
      ignoreNull: true,
    },
  ])
})

test('what cannot be is reported with its reason and fix', async () => {
  const to = crm.stream('people')
  const map = { id: person.key }
  expect(
    await problemsOf(
      sync('clash', { from: best, to, mode: 'append', map: { ...map, note: tier, 'note.more': tier } as never }),
    ),
  ).toContain('something that is no object is in the way of note.more')
  expect(
    await problemsOf(sync('nulls', { from: best, to, mode: 'append', map, ignoreNulls: ['id', 'emial'] })),
  ).toContain('ignoreNulls names emial, which its map does not fill')
  expect(
    await problemsOf(sync('table', { from: best, to, mode: 'append', map: { ...map, note: other.column('email') } })),
  ).toContain('source/other has no column id')
  expect(
    await problemsOf(
      sync('type', {
        from: best,
        to: crm.stream('closed'),
        mode: 'upsert',
        map: { id: person.key, n: wrong(choose(tier, { vip: 1, other: 'x' })) },
      }),
    ),
  ).toContain('the choice that fills n is no integer')
  expect(
    await problemsOf(sync('key', { from: best, to, mode: 'upsert', map: { id: wrong(cast(tier, 'text')) } })),
  ).toContain('finds rows by id, which is not filled with the entity’s key')
})

test('of several rows with one key the sync names the one that counts; it depends on what tells it', async () => {
  const seen = trait.continuous('seen', { of: person, from: people.column('n') })
  const spec = await compiled(
    sync('picked', {
      from: best,
      to: crm.stream('closed'),
      mode: 'upsert',
      map: { id: person.key },
      pick: { by: seen },
    }),
  )
  expect(spec.pick).toEqual({ by: 'trait/seen', order: 'desc' })
  expect(spec.deps).toContain('trait/seen')
})

test('a list whose members are not told by the entity’s key can only be added to', async () => {
  const to = crm.stream('list')
  const email = people.column('email')
  expect(await problemsOf(sync('all', { from: best, to, mode: 'members', map: { email } }))).toContain(
    'the mode members takes away who left by email, and of them only the entity’s key is known',
  )
  expect(await compiled(sync('more', { from: best, to, mode: 'add', map: { email } }))).toMatchObject({ mode: 'add' })
})
