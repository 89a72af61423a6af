import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  AssetOutcome,
  AudienceSpec,
  PartitionMappings,
  PartitionsSpec,
  PartitionUnit,
  SourceSpec,
  TraitSpec,
  UserModelSpec,
} from '../../../orchestrator/contract/index.ts'
import { dialects } from '../../warehouse/warehouses.fixture.ts'
import { asset, materializeWorld, openServices, trait, type Services } from '../world.fixture.ts'

const cut = (every: PartitionUnit, name = every as string): PartitionsSpec => ({
  dimensions: [
    { type: 'time', name, every, start: '2026-03-27', end: null, timeZone: 'Europe/Berlin', offsetMinutes: 0 },
  ],
})
const same = (...keys: readonly string[]): PartitionMappings =>
  Object.fromEntries(keys.map((key) => [key, { day: { type: 'same', of: 'day' } }]))
const reads = (key: string, rule: PartitionMappings[keyof PartitionMappings][string]): PartitionMappings => ({
  [key]: { day: rule },
})
const continuous = { type: 'continuous', unit: null, min: 0, max: 100, precision: 2, integer: true } as const

const events: SourceSpec = asset<SourceSpec>({
  kind: 'source',
  key: 'source/customers',
  relation: { schema: 'raw', name: 'events' },
  columns: [
    { name: 'id', type: 'text' },
    { name: 'since', type: 'timestamp' },
    { name: 'n', type: 'integer' },
  ],
  load: null,
  codeVersion: 'c1',
  partitions: cut('day'),
  partitionColumns: { day: 'since' },
})

const visits: TraitSpec = trait('visits', continuous, {
  origin: {
    type: 'sql',
    sql: {
      strings: ['select id, sum(n) as value from ', ' where since >=  and since <  and length() = 10 group by id'],
      refs: [events.key],
      values: [
        { string: 1, offset: 16, value: 'start', dimension: null },
        { string: 1, offset: 29, value: 'end', dimension: 'day' },
        { string: 1, offset: 41, value: 'key', dimension: null },
      ],
    },
  },
  partitions: cut('day'),
  mappings: same(events.key),
})
const recent: TraitSpec = trait('recent', continuous, {
  origin: {
    type: 'sql',
    sql: { strings: ['select id, sum(visits) as value from ', ' group by id'], refs: [visits.key] },
  },
  deps: [visits.key],
  partitions: cut('day'),
  mappings: reads(visits.key, { type: 'last', of: 'day', count: 2 }),
})
const now: TraitSpec = trait('now', continuous, {
  origin: { type: 'column', asset: visits.key, column: 'visits' },
  deps: [visits.key],
  mappings: reads(visits.key, { type: 'latest' }),
})
const ever: TraitSpec = trait('ever', continuous, {
  origin: {
    type: 'sql',
    sql: { strings: ['select id, sum(visits) as value from ', ' group by id'], refs: [visits.key] },
  },
  deps: [visits.key],
  mappings: reads(visits.key, { type: 'all' }),
})
const model: UserModelSpec = asset<UserModelSpec>({
  kind: 'user_model',
  key: 'user_model/customer',
  relation: { schema: 'traitline_shop', name: 'user_model_customer' },
  entity: 'customer',
  traits: [visits.key, recent.key],
  deps: [visits.key, recent.key, events.key],
  codeVersion: 'c1',
  partitions: cut('day'),
  mappings: same(visits.key, recent.key, events.key),
})
const busy: AudienceSpec = asset<AudienceSpec>({
  kind: 'audience',
  key: 'audience/busy',
  relation: { schema: 'traitline_shop', name: 'audience_busy' },
  entity: 'customer',
  where: { op: 'compare', trait: recent.key, test: { is: 'gte', value: 5 } },
  deps: [recent.key, events.key],
  codeVersion: 'c1',
  partitions: cut('day'),
  mappings: same(recent.key, events.key),
})

const rawTable = [
  'create schema raw',
  'create table raw.events (id text, since timestamp, n integer)',
  // In Berlin: 28 March, the last minute of it, and 29 March, a day of 23 hours.
  `insert into raw.events values ('a', '2026-03-28T10:00:00', 1), ('a', '2026-03-28T22:59:00', 2),
    ('b', '2026-03-28T23:00:00', 3), ('a', '2026-03-29T21:59:00', 4), ('b', '2026-03-29T22:00:00', 50)`,
]
const days = ['2026-03-28', '2026-03-29', '2026-03-30']
const statuses = (outcomes: readonly AssetOutcome[]) => outcomes.map(({ status }) => status)

describe.each(dialects)('partitions in %s', (dialect) => {
  let services: Services
  beforeAll(async () => {
    services = await openServices(dialect)
  })
  afterAll(() => services.close())

  const shop = async () => {
    const world = await materializeWorld(services)
    await world.sql(...rawTable)
    await world.define(events, visits, recent, now, ever, model, busy)
    expect(statuses(await world.makePartitions(events.key, days))).toEqual(Array(3).fill('materialized'))
    return world
  }

  test('each holds its own window; the table shows the latest, and readers get what they map to', async () => {
    const world = await shop()
    expect(await world.makePartitions(visits.key, days)).toMatchObject([
      { partition: days[0], status: 'materialized', rows: 1 },
      { partition: days[1], status: 'materialized', rows: 2 },
      { partition: days[2], status: 'materialized', rows: 1 },
    ])
    expect(
      await world.rows(
        'select traitline_partition as day, id, visits from traitline_shop.trait_visits__rows order by 1, 2',
      ),
    ).toEqual([
      { day: days[0], id: 'a', visits: 3 },
      { day: days[1], id: 'a', visits: 4 },
      { day: days[1], id: 'b', visits: 3 },
      { day: days[2], id: 'b', visits: 50 },
    ])
    expect(await world.rows('select * from traitline_shop.trait_visits')).toEqual([{ id: 'b', visits: 50 }])
    await world.make(now.key)
    expect(await world.rows('select * from traitline_shop.trait_now')).toEqual([{ id: 'b', now: 50 }])
    await world.make(ever.key)
    expect(await world.rows('select * from traitline_shop.trait_ever order by id')).toEqual([
      { id: 'a', ever: 7 },
      { id: 'b', ever: 53 },
    ])
  })

  test('the last two, side by side, and who was busy', async () => {
    const world = await shop()
    await world.makePartitions(visits.key, ['2026-03-27', ...days].slice(1))
    const outcomes = await world.makePartitions(recent.key, [days[1]!])
    expect(statuses(outcomes)).toEqual(['materialized'])
    expect(await world.rows('select * from traitline_shop.trait_recent order by id')).toEqual([
      { id: 'a', recent: 7 },
      { id: 'b', recent: 3 },
    ])
    await world.makePartitions(model.key, [days[1]!])
    expect(await world.rows('select * from traitline_shop.user_model_customer order by id')).toEqual([
      { id: 'a', visits: 4, recent: 7 },
      { id: 'b', visits: 3, recent: 3 },
    ])
    await world.makePartitions(busy.key, [days[1]!])
    expect(await world.rows('select * from traitline_shop.audience_busy')).toEqual([{ id: 'a' }])
    expect(await world.makePartitions(model.key, [days[2]!])).toMatchObject([
      {
        status: 'failed',
        failure: {
          code: 'UPSTREAM_MISSING',
          message:
            'user_model/customer 2026-03-30 reads trait/recent 2026-03-30, which was never materialised in this warehouse',
        },
      },
    ])
  })

  test('again without a change all are fresh; a change reaches the partitions that read it and no others', async () => {
    const world = await shop()
    await world.makePartitions(visits.key, days)
    expect(statuses(await world.makePartitions(visits.key, days))).toEqual(['fresh', 'fresh', 'fresh'])
    await world.make(now.key)
    await world.sql("insert into raw.events values ('c', '2026-03-28T12:00:00', 9)")
    expect(statuses(await world.makePartitions(events.key, days))).toEqual(['materialized', 'fresh', 'fresh'])
    expect(statuses(await world.makePartitions(visits.key, days))).toEqual(['materialized', 'fresh', 'fresh'])
    expect((await world.make(now.key)).status).toBe('fresh')
    await world.sql('delete from raw.events where n = 50')
    await world.makePartitions(events.key, days)
    expect(await world.makePartitions(visits.key, days)).toMatchObject([{}, {}, { status: 'materialized', rows: 0 }])
    expect(await world.rows('select * from traitline_shop.trait_visits')).toEqual([])
    expect((await world.make(now.key)).status).toBe('materialized')
  })

  test('a partition that breaks the declaration, or its SQL, fails alone, and what was there of it stays', async () => {
    const world = await shop()
    await world.makePartitions(visits.key, days)
    await world.sql('update raw.events set n = 101 where n = 3')
    await world.makePartitions(events.key, days)
    const outcomes = await world.makePartitions(visits.key, days, true)
    expect(statuses(outcomes)).toEqual(['materialized', 'failed', 'materialized'])
    expect(outcomes[1]).toMatchObject({
      partition: days[1],
      failure: { code: 'TRAIT_INVALID', message: expect.stringMatching(/^trait\/visits does not hold/) as string },
    })
    expect(
      await world.rows(
        "select cast(sum(visits) as integer) as n from traitline_shop.trait_visits__rows where traitline_partition = '2026-03-29'",
      ),
    ).toEqual([{ n: 7 }])
    const broken = trait('visits', continuous, {
      ...visits,
      origin: {
        type: 'sql',
        sql: {
          strings: ['select id, cast(case when n = 50 then id else cast(n as text) end as integer) as value from ', ''],
          refs: [events.key],
        },
      },
      codeVersion: 'c2',
    })
    await world.sql('delete from raw.events where n in (2, 101)')
    await world.define(events, broken)
    await world.makePartitions(events.key, days)
    expect(statuses(await world.makePartitions(visits.key, days))).toEqual(['materialized', 'materialized', 'failed'])
  })

  test('a step that is killed before the record makes the same again, and records it once', async () => {
    const world = await shop()
    const input = await world.begin(visits.key, false, days)
    const { partitions } = world.store
    const killed = { ...partitions, record: () => Promise.reject(new Error('killed')) }
    await expect(world.perform(input, { store: { ...world.store, partitions: killed } })).rejects.toMatchObject({
      type: 'INTERNAL',
    })
    expect(statuses((await world.perform(input)).assets)).toEqual(Array(3).fill('materialized'))
    expect(statuses((await world.perform(input)).assets)).toEqual(Array(3).fill('materialized'))
    expect(await world.rows('select count(*) as n from traitline_shop.trait_visits__rows')).toEqual([{ n: 4 }])
    const scope = { environment: input.environment, project: input.project }
    const told = await world.store.events.after(0, { scope, asset: visits.key }, 100)
    expect(told.filter(({ type }) => type === 'asset_materialized')).toHaveLength(3)
    expect(
      await world.rows("select count(*) as n from information_schema.tables where table_name like 'staging%'"),
    ).toEqual([{ n: 0 }])
  })

  test('steps that replace the same partitions at the same time leave each of them once', async () => {
    const world = await shop()
    const inputs = [await world.begin(visits.key, true, days), await world.begin(visits.key, true, [...days].reverse())]
    await Promise.all(inputs.map((input) => world.perform(input)))
    expect(await world.rows('select count(*) as n from traitline_shop.trait_visits__rows')).toEqual([{ n: 4 }])
  })

  test('an asset may get partitions, and lose them', async () => {
    const world = await shop()
    const { partitions: _p, mappings: _m, ...rest } = visits
    const whole = {
      ...rest,
      mappings: { [events.key]: { day: { type: 'all' } } },
      origin: {
        type: 'sql',
        sql: { strings: ['select id, sum(n) as value from ', ' group by id'], refs: [events.key] },
      },
      codeVersion: 'c0',
    } as TraitSpec
    await world.define(events, whole)
    await world.make(whole.key)
    await world.define(events, visits)
    expect(statuses(await world.makePartitions(visits.key, [days[0]!]))).toEqual(['materialized'])
    expect(await world.rows('select * from traitline_shop.trait_visits')).toEqual([{ id: 'a', visits: 3 }])
    await world.define(events, whole)
    await world.make(whole.key, true)
    expect(await world.rows('select count(*) as n from traitline_shop.trait_visits')).toEqual([{ n: 2 }])
  })
})
