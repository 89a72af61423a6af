import { expect, test } from 'vitest'
import { tempDir } from '../../test/harness/temp.ts'
import type { TraitSpec } from '../contract/index.ts'
import {
  allPartitions,
  audience,
  daily,
  dynamicPartitions,
  entity,
  env,
  hourly,
  lastPartitions,
  mapPartitions,
  monthly,
  multi,
  partition,
  postgres,
  project,
  source,
  sql,
  staticPartitions,
  sync,
  trait,
  userModel,
  weekly,
  type Project,
} from '../define/index.ts'
import { compileProject } from './index.ts'

const person = entity('person', { key: 'id' })
const berlin = { start: '2026-01-01', timeZone: 'Europe/Berlin' }
const events = source('events', {
  table: 'raw.events',
  columns: { id: 'text', at: 'timestamp', country: 'text', n: 'integer' },
  partitions: hourly(berlin),
  partitionBy: 'at',
})
const visits = trait.continuous('visits', {
  of: person,
  partitions: daily(berlin),
  from: sql`select id, count(*) as value from ${events} where at < ${partition.end} group by id`,
})

const compile = async (definitions: Project) =>
  (
    await compileProject({
      dir: await tempDir(),
      definitions,
      dbt: () => Promise.reject(new Error('no dbt project here')),
    })
  ).manifest

async function mappings(...assets: Parameters<typeof project>[1]['assets']) {
  const { assets: specs } = await compile(project('p', { assets }))
  return Object.fromEntries(specs.map(({ key, mappings: found }) => [key, found]))
}

async function problem(...assets: Parameters<typeof project>[1]['assets']): Promise<string> {
  const error = await compile(project('p', { assets })).catch((thrown: unknown) => thrown as Error)
  return (error as Error).message.replaceAll(/[^ (]*partitions\.test\.ts:\d+/g, 'here')
}

const weekly7 = trait.continuous('week', {
  of: person,
  partitions: daily(berlin),
  from: sql`select id, sum(visits) as value from ${lastPartitions(visits, 7)} group by id`,
})

test('what is read by default, and what is said', async () => {
  const now = trait.continuous('now', { of: person, from: sql`select id, visits as value from ${visits}` })
  const recent = trait.continuous('recent', {
    of: person,
    from: sql`select id, sum(visits) as value from ${lastPartitions(visits, 30)} group by id`,
  })
  const ever = trait.continuous('ever', {
    of: person,
    from: sql`select id, count(*) as value from ${events} group by id`,
  })
  const people = userModel('people', { of: person, traits: [visits, weekly7], partitions: daily(berlin) })
  const monthlyAll = trait.continuous('monthly_all', {
    of: person,
    partitions: monthly(berlin),
    reads: [allPartitions(visits)],
    from: sql`select id, max(visits) as value from ${visits} group by id`,
  })
  expect(await mappings(now, recent, ever, people, monthlyAll)).toEqual({
    'source/events': undefined,
    'trait/visits': { 'source/events': { hour: { type: 'window', of: 'day' } } },
    'trait/week': { 'trait/visits': { day: { type: 'last', of: 'day', count: 7 } } },
    'trait/now': { 'trait/visits': { day: { type: 'latest' } } },
    'trait/recent': { 'trait/visits': { day: { type: 'last', of: '', count: 30 } } },
    'trait/ever': { 'source/events': { hour: { type: 'all' } } },
    'user_model/people': {
      'trait/visits': { day: { type: 'same', of: 'day' } },
      'trait/week': { day: { type: 'same', of: 'day' } },
    },
    'trait/monthly_all': { 'trait/visits': { day: { type: 'all' } } },
  })
})

test('dimension by dimension', async () => {
  const country = staticPartitions('country', ['de', 'fr'])
  const both = trait.continuous('both', {
    of: person,
    partitions: multi({ day: daily(berlin), country }),
    from: sql`select id, count(*) as value from ${events} where country = ${partition.of('country').key} group by id`,
  })
  const region = trait.continuous('region', {
    of: person,
    partitions: multi({ day: daily(berlin), region: staticPartitions('region', ['west', 'east']) }),
    from: sql`select id, both as value from ${mapPartitions(both, { country: { west: ['fr'], east: ['de'] } })}`,
  })
  const total = trait.continuous('total', {
    of: person,
    partitions: daily(berlin),
    from: sql`select id, sum(both) as value from ${both} group by id`,
  })
  expect(await mappings(region, total)).toMatchObject({
    'trait/both': { 'source/events': { hour: { type: 'window', of: 'day' } } },
    'trait/region': {
      'trait/both': {
        day: { type: 'same', of: 'day' },
        country: { type: 'keys', of: 'region', keys: { west: ['fr'], east: ['de'] } },
      },
    },
    'trait/total': { 'trait/both': { day: { type: 'same', of: 'day' }, country: { type: 'all' } } },
  })
})

test('the version is of what partitions are, not of which there are', async () => {
  const version = async (partitions: ReturnType<typeof daily>) => {
    const one = trait.continuous('one', { of: person, partitions, from: sql`select id, 1 as value from ${events}` })
    return (await compile(project('p', { assets: [one] }))).assets.find(({ key }) => key === 'trait/one')?.codeVersion
  }
  expect(await version(daily({ ...berlin, start: '2020-01-01', end: '2030-01-01' }))).toBe(await version(daily(berlin)))
  expect(await version(daily({ ...berlin, timeZone: 'UTC' }))).not.toBe(await version(daily(berlin)))
})

test('SQL keeps where it asks for the partition', async () => {
  const { assets } = await compile(project('p', { assets: [visits] }))
  const { origin } = assets.find(({ key }) => key === 'trait/visits') as TraitSpec
  expect(origin).toEqual({
    type: 'sql',
    sql: {
      strings: ['select id, count(*) as value from ', ' where at <  group by id'],
      refs: ['source/events'],
      values: [{ string: 1, offset: 12, value: 'end', dimension: null }],
    },
  })
})

const one = (options: object) =>
  trait.continuous('one', { of: person, from: sql`select id, 1 as value from ${visits}`, ...options })
const keyed = trait.continuous('keyed', {
  of: person,
  partitions: staticPartitions('country', ['de', 'fr']),
  from: sql`select id, 1 as value from ${events}`,
})

test.each([
  [
    'no zone',
    one({ partitions: daily({ start: '2026-01-01', timeZone: 'Mars' }) }),
    'trait/one (here): "Mars" is no time zone',
  ],
  ['no date', one({ partitions: daily({ start: '1.1.2026' }) }), '"1.1.2026" is no local time'],
  ['offset', one({ partitions: hourly({ ...berlin, offsetMinutes: 60 }) }), 'an offset of 60 minutes leaves its hour'],
  ['no keys', one({ partitions: staticPartitions('c', []) }), 'c has no keys'],
  ['bad key', one({ partitions: staticPartitions('c', ['a|b']) }), 'its key "a|b" of c cannot be one'],
  [
    'same name',
    one({ partitions: multi({ day: daily(berlin), other: multi({ day: daily(berlin), x: dynamicPartitions('x') }) }) }),
    'two dimensions of its partitions are called day',
  ],
  [
    'value',
    one({ from: sql`select ${partition.key} from ${visits}` }),
    'its SQL asks for the partition, and it has none',
  ],
  [
    'dimension',
    one({ partitions: daily(berlin), from: sql`select ${partition.of('x').key} from ${visits}` }),
    'its SQL asks for the dimension x',
  ],
  [
    'no time',
    one({ partitions: dynamicPartitions('shops'), from: sql`select ${partition.start} from ${visits}` }),
    'asks for the start of what is no time',
  ],
  [
    'last of keys',
    one({ partitions: daily(berlin), from: sql`select 1 from ${lastPartitions(keyed, 3)}` }),
    'it cannot read partitions of trait/keyed: it has no dimension of time',
  ],
  [
    'last 0',
    one({ partitions: daily(berlin), from: sql`select 1 from ${lastPartitions(visits, 0)}` }),
    'it reads the last 0 partitions',
  ],
  [
    'last of coarser',
    one({ partitions: hourly(berlin), from: sql`select 1 from ${lastPartitions(visits, 2)}` }),
    'it is partitioned by hour, and reads the last partitions by day',
  ],
  [
    'other keys',
    one({ partitions: staticPartitions('country', ['es']), from: sql`select 1 from ${keyed}` }),
    'its keys es of country are none of the upstream',
  ],
  [
    'unmapped',
    one({
      partitions: staticPartitions('region', ['a']),
      from: sql`select 1 from ${mapPartitions(keyed, { country: { b: ['de'] } })}`,
    }),
    'nothing is said of its keys a',
  ],
  [
    'unknown upstream key',
    one({
      partitions: staticPartitions('region', ['a']),
      from: sql`select 1 from ${mapPartitions(keyed, { country: { a: ['us'] } })}`,
    }),
    'the upstream has no keys us',
  ],
  [
    'two ways',
    one({ reads: [allPartitions(visits)], from: sql`select 1 from ${lastPartitions(visits, 2)}` }),
    'it reads partitions of trait/visits in two ways',
  ],
  [
    'not read',
    one({ reads: [allPartitions(keyed)] }),
    'it says which partitions of trait/keyed it reads, and reads none',
  ],
  [
    'no column',
    source('s', { table: 'a.b', columns: { at: 'text' }, partitions: daily(berlin) }),
    'nothing says which rows are of which day',
  ],
  [
    'column type',
    source('s', { table: 'a.b', columns: { at: 'text' }, partitions: daily(berlin), partitionBy: 'at' }),
    'its column at is text, and tells no day',
  ],
] as const)('%s', async (_, asset, words) => {
  expect(await problem(asset)).toContain(words)
})

test('an audience reads the partitions of its traits', async () => {
  const active = audience('active', { of: person, where: visits.gte(3), partitions: daily(berlin) })
  expect((await mappings(active))['audience/active']).toEqual({ 'trait/visits': { day: { type: 'same', of: 'day' } } })
})

test('what takes one value for each user is refused several, with what to do instead', async () => {
  const country = staticPartitions('country', ['de', 'fr'])
  const spent = trait.continuous('spent', {
    of: person,
    partitions: country,
    from: sql`select id, count(*) as value from ${events} where country = ${partition.key} group by id`,
  })
  const weekly7th = trait.continuous('weekly', {
    of: person,
    partitions: weekly(berlin),
    from: sql`select id, count(*) as value from ${events} group by id`,
  })
  const hourlyTrait = trait.continuous('hourly', {
    of: person,
    partitions: hourly(berlin),
    from: sql`select id, count(*) as value from ${events} group by id`,
  })
  const crm = postgres('crm', { url: env('CRM'), tables: { people: { key: 'id', columns: { id: 'text' } } } })
  const rich = audience('rich', { of: person, where: spent.gte(10), partitions: country })
  const send = sync('send', { from: rich, to: crm.table('people'), mode: 'mirror', map: { id: person.key } })
  const big = audience('big', { of: person, where: spent.gte(10) })
  const busy = audience('busy', { of: person, where: hourlyTrait.gte(2), partitions: daily(berlin) })
  const fine = audience('fine', { of: person, where: weekly7th.gte(2), partitions: daily(berlin) })
  const today = audience('today', { of: person, where: visits.gte(2), partitions: daily(berlin) })
  const sent = sync('sent', { from: today, to: crm.table('people'), mode: 'mirror', map: { id: person.key } })
  expect(await mappings(fine, sent)).toMatchObject({
    'sync/sent': { 'audience/today': { day: { type: 'latest' } } },
  })
  const problems = await problem(send, big, busy)
  expect(problems).toContain(
    'audience/big (here): it takes one value for each user, and trait/spent has one for each country. Put them together in a trait of its own, such as one over ${allPartitions(spent)}, and take that.',
  )
  expect(problems).toContain(
    'audience/busy (here): it takes one value for each user, and trait/hourly has one for each hour.',
  )
  expect(problems).toContain(
    'audience/rich has one for each country. Take an audience without partitions whose condition is to be in rich.',
  )
})
