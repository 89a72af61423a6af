import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { CancelledFailure } from '@temporalio/common'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  AssetSpec,
  AudienceSpec,
  MaterializationReport,
  SourceSpec,
  UserModelSpec,
} from '../../orchestrator/contract/index.ts'
import { reportMaterialization } from '../../orchestrator/launch/index.ts'
import { dialects } from '../warehouse/warehouses.fixture.ts'
import {
  asset,
  customers,
  fromColumn,
  fromSql,
  materializeWorld,
  openServices,
  trait,
  type Services,
} from './world.fixture.ts'

const continuous = { type: 'continuous', unit: null, min: 0, max: null, precision: 2, integer: false } as const
const spent = trait('spent', continuous, fromColumn('spent'))
const orders = trait('orders', { ...continuous, integer: true }, fromColumn('orders'))
const tier = trait(
  'tier',
  { type: 'categorical', categories: ['gold', 'silver'] },
  fromSql(
    "select id, case when spent >= 100 then 'gold' else 'silver' end as value from ",
    ' where spent is not null; -- done',
  ),
)
const active = trait('active', { type: 'boolean' }, fromColumn('active'))

const model: UserModelSpec = asset<UserModelSpec>({
  kind: 'user_model',
  key: 'user_model/customer',
  relation: { schema: 'traitline_shop', name: 'user_model_customer' },
  entity: 'customer',
  traits: [spent.key, orders.key, tier.key, active.key],
  deps: [spent.key, orders.key, tier.key, active.key, customers.key],
  codeVersion: 'c1',
})

const best: AudienceSpec = asset<AudienceSpec>({
  kind: 'audience',
  key: 'audience/best',
  relation: { schema: 'traitline_shop', name: 'audience_best' },
  entity: 'customer',
  where: {
    op: 'all',
    of: [
      { op: 'compare', trait: tier.key, test: { is: 'eq', value: 'gold' } },
      { op: 'not', of: { op: 'compare', trait: active.key, test: { is: 'eq', value: true } } },
    ],
  },
  deps: [tier.key, active.key, customers.key],
  codeVersion: 'c1',
})

const rawTable = [
  'create schema raw',
  'create table raw.customers (id text, spent double precision, orders integer, active boolean, note text)',
  `insert into raw.customers values ('a', 100.004, 3, true, 'x'), ('b', 5.5, 1, false, 'y'), ('c', null, null, null, null),
    ('d', 250, 7, null, 'z')`,
]

describe.each(dialects)('materialising in %s', (dialect) => {
  let services: Services
  beforeAll(async () => {
    services = await openServices(dialect)
  })
  afterAll(() => services.close())

  const shop = async () => {
    const world = await materializeWorld(services)
    await world.sql(...rawTable)
    await world.define(customers, spent, orders, tier, active, model, best)
    await world.make(customers.key)
    return world
  }

  test('from a source to an audience, each recorded with what it read', async () => {
    const world = await shop()
    for (const each of [spent, orders, tier, active]) {
      expect(await world.make(each.key)).toMatchObject({ status: 'materialized' })
    }
    expect(await world.make(model.key)).toMatchObject({ status: 'materialized', rows: 4, failedChecks: [] })
    expect(await world.make(best.key)).toMatchObject({ status: 'materialized', rows: 1 })

    expect(await world.rows('select * from traitline_shop.user_model_customer order by id')).toEqual([
      { id: 'a', spent: 100.004, orders: 3, tier: 'gold', active: true },
      { id: 'b', spent: 5.5, orders: 1, tier: 'silver', active: false },
      { id: 'c', spent: null, orders: null, tier: null, active: null },
      { id: 'd', spent: 250, orders: 7, tier: 'gold', active: null },
    ])
    expect(await world.rows('select * from traitline_shop.audience_best')).toEqual([{ id: 'd' }])
    expect(await world.warehouse.describe(orders.relation)).toEqual([
      { name: 'id', type: 'text' },
      { name: 'orders', type: 'integer' },
    ])

    const recorded = await world.last(tier.key)
    expect(recorded).toMatchObject({
      codeVersion: 'c1',
      rows: 3,
      warehouse: await world.warehouse.identity(),
      upstream: { 'source/customers': (await world.last(customers.key))?.dataVersion },
      statistics: [
        {
          column: 'tier',
          categories: [
            { value: 'gold', count: 2 },
            { value: 'silver', count: 1 },
          ],
        },
      ],
    })
    expect((await world.last(model.key))?.statistics.map(({ column }) => column)).toEqual([
      'spent',
      'orders',
      'tier',
      'active',
    ])
  })

  test('what others fill is read as they report it', async () => {
    const world = await materializeWorld(services)
    await world.sql(...rawTable)
    const filled: AssetSpec = { ...(customers as SourceSpec), external: true }
    await world.define(filled, spent)
    const report = (fields: Partial<MaterializationReport>) =>
      reportMaterialization(
        world.store,
        { scope: world.scope, revision: world.revision(), spec: filled },
        {
          ...{ asset: filled.key, dataVersion: null, rows: null, metadata: {}, checks: [], startedAt: null },
          ...{ durationMs: null, idempotencyKey: null, ...fields },
        },
      )
    expect(await world.fails(spent.key)).toMatchObject({ type: 'UPSTREAM_MISSING' })

    await report({ dataVersion: 'monday', rows: 4 })
    expect(await world.make(spent.key)).toMatchObject({ status: 'materialized', rows: 4 })
    expect((await world.last(spent.key))?.upstream).toEqual({ 'source/customers': 'reported:monday' })
    expect(await world.make(spent.key)).toMatchObject({ status: 'fresh' })
    await report({ dataVersion: 'monday' })
    expect(await world.make(spent.key)).toMatchObject({ status: 'fresh' })

    await world.sql("update raw.customers set spent = 1 where id = 'c'")
    expect(await world.make(spent.key)).toMatchObject({ status: 'fresh' })
    await report({ dataVersion: 'tuesday' })
    expect(await world.make(spent.key)).toMatchObject({ status: 'materialized' })

    const failed = { name: 'complete', severity: 'error', passed: false, failures: 2, message: null } as const
    await report({ dataVersion: 'wednesday', checks: [failed] })
    expect(await world.make(spent.key)).toMatchObject({ status: 'upstream_failed', upstream: 'source/customers' })
  })

  test('again without a change everything is fresh; a change upstream stops where it changes nothing', async () => {
    const world = await shop()
    await world.make(spent.key)
    await world.make(tier.key)
    expect(await world.make(customers.key)).toEqual({ asset: customers.key, status: 'fresh' })
    expect(await world.make(spent.key)).toEqual({ asset: spent.key, status: 'fresh' })
    const before = await world.last(tier.key)

    await world.sql("update raw.customers set note = 'other' where id = 'a'")
    expect(await world.make(customers.key)).toMatchObject({ status: 'materialized' })
    expect(await world.make(tier.key)).toMatchObject({ status: 'materialized', dataVersion: before?.dataVersion })
    await world.sql("update raw.customers set spent = 1 where id = 'd'")
    await world.make(customers.key)
    expect((await world.make(tier.key)) as { dataVersion: string }).not.toMatchObject({
      dataVersion: before?.dataVersion,
    })
    expect(await world.make(tier.key, true)).toMatchObject({ status: 'materialized' })
  })

  test('the second execution of a step answers the first one’s outcome and works no more', async () => {
    const world = await shop()
    const input = await world.begin(spent.key)
    const first = await world.perform(input)
    await world.sql('drop table traitline_shop.trait_spent')
    expect(await world.perform(input)).toEqual(first)
    expect(await world.warehouse.describe(spent.relation)).toBeNull()
  })

  test('killed between the table and the record, the retry makes the same again', async () => {
    const world = await shop()
    await world.make(spent.key)
    await world.sql("update raw.customers set spent = 7 where id = 'b'")
    await world.make(customers.key)
    const input = await world.begin(spent.key)
    const { assets } = world.store
    const killed = { ...assets, recordMaterialization: () => Promise.reject(new Error('killed')) }
    await expect(world.perform(input, { store: { ...world.store, assets: killed } })).rejects.toMatchObject({
      type: 'INTERNAL',
    })
    const made = await world.rows('select * from traitline_shop.trait_spent order by id')
    expect(await world.perform(input)).toMatchObject({ assets: [{ status: 'materialized', rows: 4 }] })
    expect(await world.rows('select * from traitline_shop.trait_spent order by id')).toEqual(made)
    expect(made).toContainEqual({ id: 'b', spent: 7 })
  })

  test('values that break the declaration are counted, and the old table stays', async () => {
    const world = await shop()
    await world.make(orders.key)
    await world.sql(
      'alter table raw.customers drop column orders',
      'alter table raw.customers add column orders double precision',
      "update raw.customers set orders = case id when 'a' then -1 when 'b' then 1.5 when 'c' then 2 else cast('nan' as double precision) end",
      "insert into raw.customers (id, orders) values ('a', 1), (null, 1)",
    )
    await world.make(customers.key)
    const failure = await world.fails(orders.key)
    expect(failure).toMatchObject({ type: 'TRAIT_INVALID', details: [{ blame: 'user' }] })
    expect(failure.message).toMatch(
      /^trait\/orders does not hold .* of 6 rows 1 have no id, 1 repeat a id of another row, 1 are not finite numbers .*, 1 are below its minimum 0, 1 are not whole numbers/,
    )
    expect(await world.rows('select count(*) as n from traitline_shop.trait_orders')).toEqual([{ n: 4 }])
    expect(
      await world.rows("select count(*) as n from information_schema.tables where table_name like 'staging%'"),
    ).toEqual([{ n: 0 }])

    await world.define(customers, trait('tier', { type: 'categorical', categories: ['gold'] }, { origin: tier.origin }))
    expect((await world.fails(tier.key)).message).toMatch(/are none of its 1 categories/)
  })

  test('what is missing upstream is named, with what is there', async () => {
    const world = await shop()
    const lost = trait('lost', continuous, fromColumn('spendings'))
    const guessed = trait('guessed', continuous, fromColumn('note'))
    const broken = trait('broken', continuous, fromSql('select id, spendings as value from ', ''))
    await world.define(customers, spent, tier, lost, guessed, broken, model)
    expect(await world.fails(lost.key)).toMatchObject({
      type: 'COLUMN_MISSING',
      message: expect.stringMatching(
        /^trait\/lost reads spendings of raw\.customers, whose columns are id, spent, orders, active, note$/i,
      ) as string,
      nonRetryable: true,
    })
    expect(await world.fails(guessed.key)).toMatchObject({
      type: 'TRAIT_TYPE_MISMATCH',
      message: 'trait/guessed is continuous, and note of source/customers is of type text',
    })
    expect((await world.fails(broken.key)).message).toMatch(/^trait\/broken: .*spendings/)
    expect(await world.fails(model.key)).toMatchObject({ type: 'UPSTREAM_MISSING' })

    for (const each of [spent, tier]) await world.make(each.key)
    const two = { ...model, traits: [spent.key, tier.key], deps: [spent.key, tier.key, customers.key] }
    await world.define(customers, spent, tier, two)
    await world.sql('drop table traitline_shop.trait_tier')
    expect(await world.fails(model.key)).toMatchObject({
      type: 'RELATION_MISSING',
      message: 'user_model/customer reads traitline_shop.trait_tier, which is not in the warehouse',
      details: [{ hint: "Make it again: traitline materialize 'trait/tier' --force" }],
    })
    await world.sql('drop table raw.customers')
    expect(await world.fails(customers.key)).toMatchObject({ type: 'RELATION_MISSING' })
  })

  test('a view that somebody made on a trait goes on showing it', async () => {
    const world = await shop()
    await world.make(spent.key)
    await world.sql('create view raw.seen as select id, spent from traitline_shop.trait_spent')
    await world.sql("update raw.customers set spent = 8 where id = 'b'")
    await world.make(customers.key)
    expect(await world.make(spent.key)).toMatchObject({ status: 'materialized' })
    expect(await world.rows("select spent from raw.seen where id = 'b'")).toEqual([{ spent: 8 }])
  })

  test('no value of a row is in any failure', async () => {
    const world = await shop()
    await world.sql("update raw.customers set note = 'canary@example.com'")
    await world.define(
      customers,
      trait('cast', continuous, fromSql('select id, cast(note as double precision) as value from ', '')),
    )
    const failure = await world.fails('trait/cast')
    expect(failure).toMatchObject({ type: 'VALUE_INVALID' })
    expect(JSON.stringify([failure, failure.message, (failure as unknown as Error).stack])).not.toContain('canary')
  })

  test('files are loaded once, and again when their bytes change or the table is gone', async () => {
    const world = await materializeWorld(services)
    const source = asset<SourceSpec>({
      kind: 'source',
      key: 'source/sales',
      relation: { schema: 'raw', name: 'sales' },
      columns: [
        { name: 'id', type: 'text' },
        { name: 'sold_on', type: 'date' },
      ],
      load: {
        format: 'csv',
        paths: ['sales.csv', 'home:more.csv'],
        delimiter: ',',
        header: true,
        dateFormat: '%Y%m%d',
      },
      codeVersion: 'c1',
    })
    await world.define(source)
    expect(await world.fails(source.key)).toMatchObject({ type: 'FILE_MISSING' })
    await writeFile(join(world.home, 'sales.csv'), 'id,sold_on\n001,19970101\n')
    await writeFile(join(world.home, 'more.csv'), 'sold_on,id\n19970102,002\n')
    expect(await world.make(source.key)).toMatchObject({ status: 'materialized', rows: 2 })
    const first = await world.last(source.key)
    expect(first).toMatchObject({
      dataVersion: expect.stringMatching(/^files-sha256-v1:/) as string,
      metadata: { files: 2 },
    })
    expect(await world.rows('select * from raw.sales order by id')).toEqual([
      { id: '001', sold_on: '1997-01-01' },
      { id: '002', sold_on: '1997-01-02' },
    ])
    expect(await world.make(source.key)).toMatchObject({ status: 'fresh' })
    await world.sql('drop table raw.sales')
    expect(await world.make(source.key)).toMatchObject({ status: 'materialized', dataVersion: first?.dataVersion })
    await writeFile(join(world.home, 'more.csv'), 'sold_on,id\nnever,secret\n')
    const failure = await world.fails(source.key)
    expect(failure.message).toMatch(/^source\/sales: .*more\.csv, line 2, column sold_on: its value does not fit/)
    expect(await world.rows('select count(*) as n from raw.sales')).toEqual([{ n: 2 }])
  })

  test('a cancelled step ends as cancelled, and nothing is recorded', async () => {
    const world = await shop()
    const slow = trait(
      'slow',
      continuous,
      fromSql(
        'select id, (select count(*) from generate_series(1, 100000) a(x), generate_series(1, 1000000) b(y) where x + y = 3) + spent as value from ',
        '',
      ),
    )
    await world.define(customers, slow)
    const environment = new MockActivityEnvironment()
    environment.on('heartbeat', () => setTimeout(() => environment.cancel('CANCELLED'), 200))
    await expect(world.perform(await world.begin(slow.key), {}, environment)).rejects.toBeInstanceOf(CancelledFailure)
    expect(await world.last(slow.key)).toBeUndefined()
  })
})
