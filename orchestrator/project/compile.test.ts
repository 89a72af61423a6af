import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../test/harness/temp.ts'
import { nameOf, type AssetKey, type Manifest, type Relation } from '../contract/index.ts'
import {
  all,
  audience,
  command,
  airbyte,
  constant,
  csv,
  entity,
  env,
  image,
  not,
  notebook,
  postgres,
  project,
  purpose,
  pypi,
  slack,
  source,
  sql,
  sync,
  template,
  trait,
  userModel,
  type Project,
  type Source,
} from '../define/index.ts'
import type { ProjectMember } from '../define/project.ts'
import { syncTables } from '../sql/sync-names.ts'
import { compileProject, diffManifests } from './index.ts'

const noDbt = () => Promise.reject(new Error('no dbt project here'))

async function compile(definitions: Project, dir?: string) {
  return compileProject({ dir: dir ?? (await tempDir()), definitions, dbt: noDbt })
}

async function problemsOf(definitions: Project, dir?: string): Promise<string[]> {
  const error: unknown = await compile(definitions, dir).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'PROJECT_INVALID', blame: 'user' })
  const lines = (error as Error).message.split('\n').slice(1)
  return lines.map((line) => line.trim().replaceAll(/[^ (]*compile\.test\.ts:\d+/g, 'here'))
}

const people = source('people', {
  table: 'raw.people',
  columns: { id: 'text', n: 'integer', x: 'number', ok: 'boolean' },
})
const person = entity('person', { key: 'id', population: people })
const n = trait.continuous('n', { of: person, from: people.column('n'), integer: true, min: 0 })
const ok = trait.boolean('ok', { of: person, from: people.column('ok') })
const tier = trait.categorical('tier', {
  of: person,
  categories: ['gold', 'silver'],
  from: sql`select id, 'gold' as value from ${people}`,
})
const good = audience('good', { of: person, where: all(ok.isTrue(), tier.in('gold')) })
const better = audience('better', { of: person, where: all(good.includes(), not(n.lt(3))) })
const crm = postgres('crm', {
  url: env('CRM'),
  tables: { people: { key: 'id', columns: { id: 'text', n: 'number', note: 'text?' } } },
})
const toCrm = sync('to_crm', { from: better, to: crm.table('people'), mode: 'mirror', map: { id: person.key, n } })

const keys = (manifest: Manifest): AssetKey[] => manifest.assets.map(({ key }) => key)

test('all that an asset references belongs to the project, in topological order', async () => {
  const { manifest, hash } = await compile(project('p', { assets: [toCrm] }))
  expect(keys(manifest)).toEqual([
    'source/people',
    'trait/n',
    'trait/ok',
    'trait/tier',
    'audience/good',
    'audience/better',
    'sync/to_crm',
  ])
  expect(manifest.assets.at(-1)).toMatchObject({
    deps: ['audience/better', 'trait/n'],
    entity: 'person',
    mode: 'mirror',
  })
  expect(manifest.assets.at(-2)).toMatchObject({ deps: ['audience/good', 'trait/n', 'source/people'] })
  expect(manifest.destinations[0]?.config).toEqual({ url: { $env: 'CRM' }, schema: 'public' })
  expect((await compile(project('p', { assets: [better, people, toCrm, toCrm] }))).hash).toBe(hash)
})

test('an empty project is a project', async () => {
  expect((await compile(project('p', { assets: [] }))).manifest.assets).toEqual([])
})

test('every problem is told at once, each with its place and its fix', async () => {
  const device = entity('device', { key: 'device_id', type: 'integer' })
  const used = trait.boolean('used', { of: device, from: sql`select 1` })
  const wrong = (value: unknown): never => value as never
  const problems = await problemsOf(
    project('p', {
      timeZone: 'Mars/Olympus',
      asOf: '1998-07-01',
      assets: [
        source('People', { table: 'raw.other', columns: { id: 'text' } }),
        source('twice', { table: 'raw.twice', columns: { id: 'text' } }),
        source('twice', { table: 'raw.twice_too', columns: { id: 'text' } }),
        source('unplaced', { table: 'unplaced', columns: { id: 'text' } }),
        source('same_table', { table: 'RAW.people', columns: { id: 'text' } }),
        source('loaded', { table: 'raw.loaded', columns: { id: 'text' }, load: csv(['no.csv', 'home:later.csv']) }),
        source(`s${'x'.repeat(70)}`, { table: 'raw.long', columns: { id: 'text' } }),
        trait.boolean('id', { of: person, from: people.column('ok') }),
        trait.boolean('column', {
          of: person,
          from: (people as unknown as Source<{ id: 'text'; okay: 'boolean' }>).column('okay'),
        }),
        trait.boolean('typed', {
          of: person,
          from: (people as unknown as Source<{ id: 'text'; n: 'boolean' }>).column('n'),
        }),
        trait.continuous('range', { of: person, from: people.column('x'), min: 2, max: 1, precision: 20 }),
        trait.categorical('none', { of: person, categories: [], from: sql`select 1` }),
        audience('values', { of: person, where: all(tier.is(wrong('bronze')), n.gt(wrong('3')), ok.is(wrong(1))) }),
        audience('mixed', { of: person, where: wrong(used.isTrue()) }),
        userModel('empty', { of: person, traits: [] }),
        sync('mode', {
          from: good,
          to: slack('team', { token: 'x' }).channel('#c'),
          mode: wrong('mirror'),
          map: { text: constant('hi') },
        }),
        sync('fields', { from: good, to: crm.table('people'), mode: 'upsert', map: wrong({ id: tier, noet: ok }) }),
        sync('table', { from: good, to: crm.table(wrong('peple')), mode: 'upsert', map: wrong({ id: person.key, n }) }),
        sync('syntax', {
          from: good,
          to: crm.table('people'),
          mode: 'insert',
          map: { id: person.key, n, note: template('{{ x | nope }}', { x: n }) },
        }),
        sync('names', {
          from: good,
          to: crm.table('people'),
          mode: 'insert',
          map: { id: person.key, n, note: template('{% for a in b %}{{ a }}{{ c.d }}{% endfor %}{{ n }}', { n }) },
        }),
        sync('file', {
          from: good,
          to: crm.table('people'),
          mode: 'insert',
          map: { id: person.key, n, note: template('{% include "/etc/passwd" %}') },
        }),
        sync('pinned', {
          from: good,
          to: airbyte('open', {
            connector: pypi(wrong('unpinned')),
            config: {},
            streams: { s: { fields: { id: 'text' } } },
          }).stream('s'),
          mode: 'append',
          map: { id: person.key },
        }),
      ],
    }),
  )
  expect(problems).toMatchInlineSnapshot(`
    [
      "source/people (here): it has the table raw.people, as source/same_table has. Give one of them another table.",
      "project p (here): "Mars/Olympus" is no time zone. Use a name such as Europe/Berlin, or UTC.",
      "project p (here): asOf "1998-07-01" is no instant. Write it with a time zone, such as 1998-07-01T00:00:00Z.",
      "source/People (here): a name has lower-case letters, digits and underscores, and begins with a letter. Call it people.",
      "source/twice (here): it is defined twice: also at here. Rename one of the two.",
      "source/unplaced (here): its table "unplaced" is not schema.name. Write it like raw.purchases.",
      "source/loaded (here): its file no.csv does not exist. Paths are relative to the folder of traitline.ts.",
      "source/sxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx (here): its name is 71 characters long. Use a name of at most 63.",
      "trait/id (here): it is called like the key of person. Rename it: both stand in one table.",
      "trait/column (here): source/people has no column okay. Did you mean ok?",
      "trait/typed (here): the column n of source/people is integer. Use a column of type boolean, or SQL that makes one.",
      "trait/range (here): its range is empty: from 2 to 1. min is at most max.",
      "trait/range (here): its precision is 20. Use a whole number of digits from 0 to 15.",
      "trait/none (here): it has no categories. Name all values that it may have.",
      "audience/values (here): it compares trait/ok, which is boolean, with 1. Compare it with a boolean.",
      "audience/values (here): it compares trait/n, which is continuous, with "3". Compare it with a number.",
      "audience/values (here): it compares trait/tier, which is categorical, with "bronze". Its categories are gold, silver.",
      "audience/mixed (here): it is about person, and trait/used about device. Use only what is about one entity.",
      "user_model/empty (here): it has no traits. Name at least one.",
      "sync/mode (here): team #c cannot do the mode mirror. It can do insert, append.",
      "sync/fields (here): nothing fills n. Map each required field.",
      "sync/fields (here): crm people has no field noet. Did you mean note?",
      "sync/fields (here): the mode upsert finds rows by id, which is not filled with the entity’s key. Map it from person.key.",
      "sync/table (here): the destination crm has no peple. Did you mean people?",
      "sync/syntax (here): the template of note cannot be read: undefined filter: nope, line:1, col:1. Mend it; Liquid’s reference is at liquidjs.com.",
      "sync/names (here): the template of note uses b, c, which it does not declare. Add them to the template’s variables.",
      "sync/file (here): the template of note cannot be read: tag "include" not found, line:1, col:1. Mend it; Liquid’s reference is at liquidjs.com.",
      "destination open (here): its connector cannot be started. Use command([...]), image(reference), npm(name@version) or pypi(name==version).",
    ]
  `)
})

test('names are as long as PostgreSQL keeps what is made from them, and no longer', async () => {
  const named = (change: number) => {
    const name = (kind: string, length: number): string => kind.padEnd(length + change, 'x')
    const people = source(name('people', 63), { table: 'raw.people', columns: { id: 'text', ok: 'boolean' } })
    const person = entity(name('person', 63), { key: 'id', population: people })
    const ok = trait.boolean(name('ok', 57), { of: person, from: people.column('ok') })
    const good = audience(name('good', 54), { of: person, where: ok.isTrue() })
    const model = userModel(name('model', 52), { of: person, traits: [ok] })
    const crm = postgres(name('crm', 63), { url: 'x', tables: { people: { key: 'id', columns: { id: 'text' } } } })
    const map = { id: person.key }
    const toCrm = sync(name('to_crm', 52), { from: good, to: crm.table('people'), mode: 'mirror', map })
    return project(name('project', 48), { assets: [toCrm, model] })
  }
  const { manifest } = await compile(named(0))
  const relations = manifest.assets.flatMap(({ kind, relation }) => (kind === 'source' ? [] : (relation ?? [])))
  expect(relations.map((relation) => relation.name.length)).toEqual([63, 63, 63])
  const tables = manifest.assets.flatMap(({ kind, key }) =>
    kind === 'sync' ? Object.values(syncTables(manifest.schema, nameOf(key))) : [],
  )
  const names = tables.flatMap((table: string | Relation) =>
    typeof table === 'string' ? [table] : [table.schema, table.name],
  )
  expect(Math.max(...names.map((name) => name.length))).toBe(63)
  // The table of all syncs' runs has no name of theirs in it.
  expect(names.filter((name) => !/x(?:_sync)?$/.test(name))).toEqual(['sync_runs'])

  const problems = await problemsOf(named(1))
  expect(problems.map((problem) => problem.replaceAll(/x{9,}/g, '~')).sort()).toMatchInlineSnapshot(`
    [
      "audience/good~ (here): its name is 55 characters long, and audience_… in the warehouse 64, of at most 63. Use a name of at most 54.",
      "destination crm~ (here): its name is 64 characters long. Use a name of at most 63.",
      "entity person~ (here): its name is 64 characters long. Use a name of at most 63.",
      "project project~ (here): its name is 49 characters long, and traitline_…_sync in the warehouse 64, of at most 63. Use a name of at most 48.",
      "source/people~ (here): its name is 64 characters long. Use a name of at most 63.",
      "sync/to_crm~ (here): its name is 53 characters long, and exceptions_… in the warehouse 64, of at most 63. Use a name of at most 52.",
      "trait/ok~ (here): its name is 58 characters long, and trait_… in the warehouse 64, of at most 63. Use a name of at most 57.",
      "user_model/model~ (here): its name is 53 characters long, and user_model_… in the warehouse 64, of at most 63. Use a name of at most 52.",
    ]
  `)
})

test('cycles are named with their path', async () => {
  const a = source('a', { table: 'raw.a', columns: { id: 'text' } })
  const first = trait.boolean('first', { of: entity('person', { key: 'id' }), from: sql`select 1 from ${a}` })
  // A frozen definition cannot be part of a cycle by itself; a reference by key can.
  const knot = { ...sql`select 1 from ${a}`, template: { strings: ['', ''], refs: ['audience/second' as const] } }
  const person = first.entity as ReturnType<typeof entity<'person', 'id', 'text'>>
  const third = trait.boolean('third', { of: person, from: knot })
  const second = audience('second', { of: person, where: third.isTrue() })
  expect(await problemsOf(project('p', { assets: [second] }))).toEqual([
    'audience/second (here): it reads itself in a circle: audience/second -> trait/third -> audience/second. Each reads the next one: take one of these references away.',
  ])
})

const notebookFile = (changes: object = {}, cells: object[] = []): string =>
  JSON.stringify({ nbformat: 4, metadata: { kernelspec: { name: 'ir' } }, cells, ...changes })

test('what a destination is used for asks for consent of whom it is sent', async () => {
  const marketing = purpose('marketing', { consent: ok })
  const tables = { people: { key: 'id', columns: { id: 'text', n: 'number' } } } as const
  const ads = postgres('ads', { url: env('ADS'), purposes: [marketing], tables })
  const toAds = sync('to_ads', { from: better, to: ads.table('people'), mode: 'mirror', map: { id: person.key, n } })
  const { manifest } = await compile(project('p', { assets: [toAds, toCrm] }))
  expect(manifest.destinations.find(({ name }) => name === 'ads')?.purposes).toEqual([
    { name: 'marketing', consent: ['trait/ok'] },
  ])
  const spec = manifest.assets.find(({ key }) => key === 'sync/to_ads')
  expect(spec).toMatchObject({ consent: ['trait/ok'], deps: ['audience/better', 'trait/n', 'trait/ok'] })
  expect(manifest.assets.find(({ key }) => key === 'sync/to_crm')).not.toHaveProperty('consent')

  const shop = entity('shop', { key: 'id', population: people })
  const big = audience('big', {
    of: shop,
    where: trait.boolean('big_shop', { of: shop, from: people.column('ok') }).isTrue(),
  })
  const toOthers = sync('shops', {
    from: big,
    to: ads.table('people'),
    mode: 'append',
    map: { id: shop.key, n: constant(1) },
  })
  expect(await problemsOf(project('p', { assets: [toOthers] }))).toEqual([
    'sync/shops (here): ads is used for marketing, and no trait says whether a shop consents to it.' +
      ' Add a boolean trait of shop to the consent of purpose marketing.',
  ])
})

test('a notebook: its kernel is its own, and code alone decides its version', async () => {
  const dir = await tempDir()
  const scores = notebook('scores', { path: 'n.ipynb', of: person, inputs: { people }, output: { score: 'number' } })
  const compiled = async (text: string) => {
    await writeFile(join(dir, 'n.ipynb'), text)
    const { manifest } = await compile(project('p', { assets: [scores] }), dir)
    return manifest.assets.find(({ key }) => key === 'notebook/scores')
  }
  const code = { cell_type: 'code', source: ['x = 1\n', 'y = 2'], outputs: [{ text: 'old' }], execution_count: 7 }
  const before = await compiled(notebookFile({}, [code]))
  expect(before).toMatchObject({
    kernel: 'ir',
    inputs: { people: 'source/people' },
    deps: ['source/people'],
    relation: { schema: 'traitline_p', name: 'notebook_scores' },
    columns: [
      { name: 'id', type: 'text' },
      { name: 'score', type: 'number' },
    ],
  })
  const prose = { cell_type: 'markdown', source: 'Now we add.' }
  const rerun = await compiled(
    notebookFile({}, [prose, { ...code, source: 'x = 1\ny = 2', outputs: [], execution_count: 8 }]),
  )
  expect(rerun?.codeVersion).toBe(before?.codeVersion)
  expect((await compiled(notebookFile({}, [{ ...code, source: 'x = 2' }])))?.codeVersion).not.toBe(before?.codeVersion)

  await writeFile(join(dir, 'n.ipynb'), notebookFile({ metadata: {} }))
  expect((await problemsOf(project('p', { assets: [scores] }), dir)).join()).toContain(
    'does not say which kernel runs it',
  )
  await writeFile(join(dir, 'n.ipynb'), '{ "cells": [{}] }')
  expect((await problemsOf(project('p', { assets: [scores] }), dir)).join()).toContain(
    'n.ipynb is no notebook of nbformat 4',
  )
  expect((await problemsOf(project('p', { assets: [scores] }))).join()).toContain('its file n.ipynb cannot be read')
})

test('code versions: what decides the rows, and nothing else', async () => {
  const version = async (member: ProjectMember & { readonly key: AssetKey }) => {
    const { manifest } = await compile(project('p', { assets: [member] }))
    return manifest.assets.find(({ key }) => key === member.key)?.codeVersion
  }
  const base = { of: person, categories: ['gold', 'silver'] as const, from: sql`select id, x as value from ${people}` }
  const before = await version(trait.categorical('t', base))
  const described = { ...base, description: 'd', owners: ['o'], tags: { a: 'b' }, group: 'g', pii: true }
  expect(await version(trait.categorical('t', described))).toBe(before)
  const commented = sql`select id, /* why */ x as value
    from ${people} -- all of them`
  expect(await version(trait.categorical('t', { ...base, from: commented }))).toBe(before)
  expect(await version(trait.categorical('t', { ...base, from: sql`select id, n as value from ${people}` }))).not.toBe(
    before,
  )
  expect(await version(trait.categorical('t', { ...base, categories: ['gold'] }))).not.toBe(before)
  expect(await version(trait.categorical('u', base))).not.toBe(before)

  const members = audience('m', { of: person, where: n.gt(1) })
  expect(await version(members)).toBe(await version(audience('m', { of: person, where: n.gt(1), description: 'd' })))
  expect(await version(members)).not.toBe(await version(audience('m', { of: person, where: n.gt(2) })))
  const to = (map: object) =>
    version(
      sync('s', {
        from: members,
        to: crm.table('people'),
        mode: 'upsert',
        map: map as { id: typeof person.key; n: typeof n },
      }),
    )
  expect(await to({ id: person.key, n })).not.toBe(await to({ id: person.key, n, note: tier }))
})

test('the difference between two revisions', async () => {
  const { manifest: before } = await compile(project('p', { assets: [toCrm] }))
  expect(diffManifests(null, before)).toMatchObject({ added: keys(before), removed: [], changed: [], settings: [] })
  expect(diffManifests(before, before)).toEqual({ added: [], removed: [], changed: [], described: [], settings: [] })

  const other = entity('person', { key: 'id', population: people })
  const again = trait.continuous('n', { of: other, from: people.column('n'), integer: true, min: 1 })
  const told = trait.boolean('ok', { of: other, from: people.column('ok'), owners: ['me'] })
  const lake = airbyte('lake', {
    connector: command(['lake']),
    config: { path: '/a' },
    streams: { s: { fields: {}, open: true } },
  })
  const everyone = audience('everyone', { of: other, where: all(again.gt(0), told.isTrue()) })
  const { manifest: after } = await compile(
    project('p', {
      asOf: '2020-01-01T00:00:00Z',
      assets: [everyone, sync('to_lake', { from: everyone, to: lake.stream('s'), mode: 'append', map: {} })],
    }),
  )
  expect(diffManifests(before, after)).toEqual({
    added: ['audience/everyone', 'sync/to_lake'],
    removed: ['trait/tier', 'audience/good', 'audience/better', 'sync/to_crm'],
    changed: ['trait/n'],
    described: ['trait/ok'],
    settings: ['asOf: the clock -> 2020-01-01T00:00:00Z', 'destination lake: added', 'destination crm: removed'],
  })
  const moved = {
    ...after,
    destinations: after.destinations.map((item) => ({ ...item, config: { path: '/b' }, connector: image('x') })),
  }
  expect(diffManifests(after, moved).settings).toEqual(['destination lake: connector, config'])
})

test('10,000 assets with two deps each', async () => {
  const started = performance.now()
  const traits = [n, tier] as ReturnType<typeof trait.boolean>[] | [typeof n, typeof tier]
  const members: (typeof traits)[number][] = [...traits]
  for (let index = 2; index < 10_000; index++) {
    const [a, b] = [members[index - 1 - (index % 2)], members[index >> 1]] as [typeof n, typeof n]
    members.push(
      trait.boolean(`t${index}`, { of: person, from: sql`select id, true as value from ${a} join ${b} using (id)` }),
    )
  }
  const defined = performance.now()
  const { manifest } = await compile(project('big', { assets: members }))
  const compiled = performance.now()
  expect(manifest.assets).toHaveLength(10_001)
  console.log(
    `10,000 assets: defined in ${(defined - started).toFixed(0)} ms, compiled in ${(compiled - defined).toFixed(0)} ms`,
  )
})

test('what others fill is marked, and takes nothing that only a run could use', async () => {
  const options = { table: 'raw.scores', columns: { id: 'text' }, reportedBy: 'others' } as const
  const { manifest } = await compile(project('p', { assets: [source('scores', options)] }))
  expect(manifest.assets[0]).toMatchObject({ key: 'source/scores', external: true })
  const told = await problemsOf(
    project('p', { assets: [source('scores', { ...options, load: csv('home:x.csv'), pools: ['warehouse'] })] }),
  )
  expect(
    told.filter((line) => line.includes('reported by others')).map((line) => line.replace(/^.*: it/, 'it')),
  ).toEqual(expect.arrayContaining([expect.stringContaining('so its load would never be used')]))
})
