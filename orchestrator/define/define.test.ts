import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import {
  all,
  any,
  audience,
  csv,
  dbt,
  entity,
  env,
  not,
  postgres,
  npm,
  pypi,
  slack,
  snowplowEvents,
  source,
  sql,
  sync,
  template,
  trait,
} from './index.ts'
import { isDefinition } from './definition.ts'
import { parseFrame } from './location.ts'

const line = (marker: string): number =>
  readFileSync(new URL(import.meta.url), 'utf8')
    .split('\n')
    .findIndex((text) => text.includes(`// ${marker}`)) + 1

const purchases = source('purchases', { table: 'raw.purchases', columns: { id: 'text', n: 'integer' } }) // here: source
const events = snowplowEvents('events', { table: 'atomic.events', load: csv('e.csv') }) // here: preset
const user = entity('user', { key: 'id' })
const loud = trait.boolean('loud', { of: user, from: sql`select id, n > 1 as value from ${purchases} join ${events}` }) // here: trait
const count = trait.continuous('count', { of: user, from: purchases.column('n'), integer: true })

test('definitions are frozen data that say where they stand', () => {
  expect(purchases).toMatchObject({
    kind: 'source',
    key: 'source/purchases',
    name: 'purchases',
    table: 'raw.purchases',
  })
  expect(Object.isFrozen(purchases)).toBe(true)
  expect(Object.keys(loud)).not.toContain('isTrue')
  expect(structuredClone({ ...purchases })).toMatchObject({
    columns: [
      { name: 'id', type: 'text' },
      { name: 'n', type: 'integer' },
    ],
  })
  for (const [definition, marker] of [
    [purchases, 'here: source'],
    [events, 'here: preset'],
    [loud, 'here: trait'],
  ] as const) {
    expect(definition.definedAt?.file).toMatch(/define\.test\.ts$/)
    expect(definition.definedAt?.line).toBe(line(marker))
  }
})

test('definitions of another copy of the package are recognised', async () => {
  vi.resetModules()
  const copy = await import('./index.ts')
  const foreign = copy.source('s', { table: 'raw.s', columns: { id: 'text' } })
  expect(copy.source).not.toBe(source)
  expect(isDefinition(foreign)).toBe(true)
  expect(isDefinition({ ...foreign })).toBe(false)
  expect(isDefinition(null)).toBe(false)
})

test('conditions are predicates, and remember what they read', () => {
  const loudOnes = audience('loud_ones', { of: user, where: loud.isTrue() })
  const where = all(any(count.between(1, 3), count.in(7, 9)), not(loudOnes.includes()), loud.isNotNull())
  expect(where.predicate).toEqual({
    op: 'all',
    of: [
      {
        op: 'any',
        of: [
          { op: 'compare', trait: 'trait/count', test: { is: 'between', from: 1, to: 3 } },
          { op: 'compare', trait: 'trait/count', test: { is: 'in', values: [7, 9] } },
        ],
      },
      { op: 'not', of: { op: 'in_audience', audience: 'audience/loud_ones' } },
      { op: 'compare', trait: 'trait/loud', test: { is: 'not_null' } },
    ],
  })
  expect(where.refs).toEqual([count, loudOnes, loud])
})

test('sql keeps its text, its assets and their order', () => {
  const query = sql`select * from ${purchases} join ${loud} join ${purchases}`
  expect(query.template).toEqual({
    strings: ['select * from ', ' join ', ' join ', ''],
    refs: ['source/purchases', 'trait/loud', 'source/purchases'],
  })
})

test('a model is one object, however often it is asked for', () => {
  const warehouse = dbt('w', { path: 'dbt', models: { users: { id: 'text' } } })
  expect(warehouse.model('users')).toBe(warehouse.model('users'))
  expect(warehouse.model('users')).toMatchObject({ key: 'model/w/users', declared: true })
  expect(warehouse.model('constructor')).toMatchObject({ declared: false, columns: [] })
})

test('destinations: secrets are names, streams know their fields and modes', () => {
  const crm = postgres('crm', {
    url: env('CRM_URL'),
    tables: { users: { key: 'id', columns: { id: 'text', n: 'integer?' } }, log: { columns: { at: 'date' } } },
  })
  expect(crm.config).toEqual({ url: { $env: 'CRM_URL' }, schema: 'public' })
  expect(crm.table('users').spec).toEqual({
    name: 'users',
    fields: [
      { name: 'id', type: 'text', required: true },
      { name: 'n', type: 'integer', required: false },
    ],
    key: ['id'],
    open: false,
    modes: ['upsert', 'update', 'insert', 'mirror', 'append', 'delete'],
  })
  expect(crm.table('log').spec.modes).toEqual(['append'])
  const team = slack('team', { token: env('TOKEN', 'none') })
  expect(team.config).toEqual({
    token: { $env: 'TOKEN', default: 'none' },
    api_url: { $env: 'SLACK_API_URL', default: 'https://slack.com/api/' },
  })
  expect(team.channel('#x').spec).toMatchObject({ name: '#x', key: [], open: false, modes: ['insert', 'append'] })
  expect(npm('@a/b@1.2.3')).toEqual({ type: 'npm', package: '@a/b', version: '1.2.3' })
  expect(pypi('a-b==1.2')).toEqual({ type: 'pypi', package: 'a-b', version: '1.2' })
})

test('a sync refers to its audience, its destination and the traits of its mapping, templates included', () => {
  const some = audience('some', { of: user, where: loud.isTrue() })
  const team = slack('team', { token: 'x' })
  const news = sync('news', {
    from: some,
    to: team.channel('#x'),
    mode: 'insert',
    map: { text: template('{{ k }} {{ n }}', { k: user.key, n: count }) },
  })
  expect(news.refs).toEqual([some, team, count])
})

test('frames of every engine’s spelling', () => {
  expect(parseFrame('Error\n    at f (file:///p/a%20b/t.ts:3:7)')).toEqual({ file: '/p/a b/t.ts', line: 3 })
  expect(parseFrame('Error\n    at /p/t.ts:12:1')).toEqual({ file: '/p/t.ts', line: 12 })
  expect(parseFrame('Error\n    at Object.<anonymous> (/p (copy)/t.ts?v=2:12:1)\n    at x')).toMatchObject({ line: 12 })
  expect(parseFrame('Error\n    at <anonymous>')).toBeNull()
})
