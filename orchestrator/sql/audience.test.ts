import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Warehouse } from '../../activities/warehouse/warehouse.ts'
import { dialects, freshWarehouse } from '../../activities/warehouse/warehouses.fixture.ts'
import type { AssetKey, Literal, Predicate, Test } from '../contract/index.ts'
import { dialectSql, stageAudience, stagingRelation, type Population, type TraitTable } from './index.ts'

const schema = 'people'
const key = { column: 'id', type: 'text' } as const
const relation = { schema, name: 'audience_tried' }
const everyone = { schema, name: 'everyone' }
const regulars = { schema, name: 'audience_regulars' }

const traits: ReadonlyMap<AssetKey, TraitTable> = new Map([
  ['trait/spent', { name: 'spent', relation: { schema, name: 'trait_spent' }, type: 'number' }],
  ['trait/orders', { name: 'orders', relation: { schema, name: 'trait_orders' }, type: 'integer' }],
  ['trait/tier', { name: 'tier', relation: { schema, name: 'trait_tier' }, type: 'text' }],
  ['trait/vip', { name: 'vip', relation: { schema, name: 'trait_vip' }, type: 'boolean' }],
])
const audiences: ReadonlyMap<AssetKey, typeof relation> = new Map([['audience/regulars', regulars]])

/** Few distinct values, so that comparisons meet them; `undefined` is no row, null a row without a value. */
const domains: Readonly<Record<string, readonly Literal[]>> = {
  'trait/spent': [-1.5, 0, 0.1, 2, 1e12],
  'trait/orders': [-1, 0, 1, 2, 9_007_199_254_740_991],
  'trait/tier': ['gold', 'silver', 'Bronze', "it's", 'é', ''],
  'trait/vip': [true, false],
}

type Person = Readonly<Record<string, Literal | null | undefined>>

const person: fc.Arbitrary<Person> = fc.record({
  ...Object.fromEntries(
    Object.entries(domains).map(([trait, values]) => [trait, fc.constantFrom(...values, null, undefined)]),
  ),
  'audience/regulars': fc.constantFrom(true, undefined),
})

function testOf(trait: string): fc.Arbitrary<Test> {
  const values = fc.constantFrom(...(domains[trait] as Literal[]), ...(trait === 'trait/orders' ? [0.5] : []))
  const list = fc.array(values, { maxLength: 4 })
  const always: fc.Arbitrary<Test>[] = [
    fc.record({ is: fc.constantFrom('eq' as const, 'ne' as const), value: values }),
    fc.record({ is: fc.constantFrom('in' as const, 'not_in' as const), values: list }),
    fc.record({ is: fc.constantFrom('null' as const, 'not_null' as const) }),
  ]
  if (trait === 'trait/vip') return fc.oneof(...always)
  const order = fc.record({
    is: fc.constantFrom('gt' as const, 'gte' as const, 'lt' as const, 'lte' as const),
    value: values,
  })
  if (trait === 'trait/tier') return fc.oneof(...always, order)
  const numbers = values as fc.Arbitrary<number>
  return fc.oneof(...always, order, fc.record({ is: fc.constant('between' as const), from: numbers, to: numbers }))
}

const compare: fc.Arbitrary<Predicate> = fc
  .constantFrom(...Object.keys(domains))
  .chain((trait) => testOf(trait).map((each) => ({ op: 'compare', trait: trait as AssetKey, test: each }) as const))

const { predicate } = fc.letrec<{ predicate: Predicate }>((tie) => ({
  predicate: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    compare,
    fc.constant({ op: 'in_audience', audience: 'audience/regulars' } as const),
    fc.record({
      op: fc.constantFrom('all' as const, 'any' as const),
      of: fc.array(tie('predicate'), { maxLength: 4 }),
    }),
    fc.record({ op: fc.constant('not' as const), of: tie('predicate') }),
  ),
}))

/** The meaning of a predicate, as plainly as it can be said. */
function holds(node: Predicate, who: Person): boolean {
  switch (node.op) {
    case 'all':
      return node.of.every((each) => holds(each, who))
    case 'any':
      return node.of.some((each) => holds(each, who))
    case 'not':
      return !holds(node.of, who)
    case 'in_audience':
      return who[node.audience] === true
    case 'compare':
      return passes(node.test, who[node.trait] ?? null)
  }
}

function passes(each: Test, value: Literal | null): boolean {
  if (each.is === 'null') return value === null
  if (value === null) return false
  switch (each.is) {
    case 'not_null':
      return true
    case 'eq':
      return value === each.value
    case 'ne':
      return value !== each.value
    case 'gt':
      return value > each.value
    case 'gte':
      return value >= each.value
    case 'lt':
      return value < each.value
    case 'lte':
      return value <= each.value
    case 'between':
      return (value as number) >= each.from && (value as number) <= each.to
    case 'in':
      return each.values.includes(value)
    case 'not_in':
      return !each.values.includes(value)
  }
}

describe.each(dialects)('an audience in %s', (dialect) => {
  let warehouse: Warehouse
  let drop: () => Promise<void>
  const sql = dialectSql(dialect)
  beforeAll(async () => {
    ;({ warehouse, drop } = await freshWarehouse(dialect))
    await warehouse.transaction(
      [
        `create schema ${schema}`,
        `create table ${schema}.everyone (id text)`,
        `create table ${schema}.audience_regulars (id text)`,
        ...[...traits.values()].map(
          ({ name, type }) => `create table ${schema}.trait_${name} (id text, ${name} ${sql.types[type]})`,
        ),
      ].map((text) => ({ text, parameters: [] })),
    )
  })
  afterAll(() => drop())

  async function fill(people: readonly Person[]): Promise<void> {
    const rows = people.flatMap((who, id) => [
      { text: `insert into ${schema}.everyone values ($1)`, parameters: [`p${id}`] },
      ...[...traits].flatMap(([trait, { name, type }]) =>
        who[trait] === undefined
          ? []
          : [
              {
                text: `insert into ${schema}.trait_${name} values ($1, cast($2 as ${sql.types[type]}))`,
                parameters: [`p${id}`, who[trait] ?? null],
              },
            ],
      ),
      ...(who['audience/regulars'] === true
        ? [{ text: `insert into ${schema}.audience_regulars values ($1)`, parameters: [`p${id}`] }]
        : []),
    ])
    const tables = ['everyone', 'audience_regulars', ...[...traits.values()].map(({ name }) => `trait_${name}`)]
    await warehouse.transaction([
      ...tables.map((name) => ({ text: `delete from ${schema}.${name}`, parameters: [] })),
      ...rows,
    ])
  }

  async function members(where: Predicate, population: Population = { type: 'table', relation: everyone }) {
    await warehouse.transaction(stageAudience(sql, { relation, key, population, where, traits, audiences }))
    const staging = stagingRelation(relation)
    const rows = await warehouse.query({ text: `select id from ${schema}.${staging.name} order by 1`, parameters: [] })
    return rows.map((row) => String(row['id']))
  }

  const spentAtLeast = (value: number): Predicate => ({
    op: 'compare',
    trait: 'trait/spent',
    test: { is: 'gte', value },
  })

  test('holds who satisfies the predicate, by its plain meaning, whatever predicate and people', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(person, { minLength: 1, maxLength: 12 }),
        fc.array(predicate, { minLength: 1, maxLength: 8 }),
        async (people, predicates) => {
          await fill(people)
          for (const where of predicates) {
            const expected = people.flatMap((who, id) => (holds(where, who) ? [`p${id}`] : [])).sort()
            expect(await members(where), JSON.stringify(where)).toEqual(expected)
          }
        },
      ),
      { numRuns: 25 },
    )
  })

  test('without a population, everyone is whoever has one of what it reads', async () => {
    await fill([{ 'trait/spent': 5 }, { 'trait/orders': 1 }, { 'audience/regulars': true }, {}])
    const relations = [...[...traits.values()].map((trait) => trait.relation), regulars]
    expect(await members({ op: 'not', of: spentAtLeast(5) }, { type: 'union', relations })).toEqual(['p1', 'p2'])
  })

  test('keys that are null or repeated in the population count once or not at all', async () => {
    await fill([{ 'trait/spent': 5 }])
    await warehouse.transaction([{ text: `insert into ${schema}.everyone values ('p0'), (null)`, parameters: [] }])
    expect(await members({ op: 'all', of: [] })).toEqual(['p0'])
  })

  test('thousands of clauses are one join a table', async () => {
    await fill([{ 'trait/spent': 2_500 }, { 'trait/spent': 1 }, {}])
    const clauses = Array.from({ length: 3_000 }, (_, index) => spentAtLeast(index))
    expect(await members({ op: 'any', of: clauses.slice(2) })).toEqual(['p0'])
    const all: Predicate = { op: 'all', of: clauses.slice(0, 2_000) }
    expect(await members(all)).toEqual(['p0'])
    const [, , insert] = stageAudience(sql, {
      relation,
      key,
      population: { type: 'table', relation: everyone },
      where: all,
      traits: new Map([...traits].slice(0, 1)),
      audiences: new Map(),
    })
    expect(insert?.text.match(/left join/g)).toHaveLength(1)
  })

  test('a long list travels as one parameter, and is as true as a short one', async () => {
    await fill([{ 'trait/tier': 'v77' }, { 'trait/tier': "it's" }, { 'trait/tier': null }, { 'trait/orders': 7 }])
    const texts = [...Array.from({ length: 50_000 }, (_, index) => `v${index}`), "it's"]
    const numbers = Array.from({ length: 5_000 }, (_, index) => index)
    const isIn = (trait: AssetKey, values: Literal[], is: 'in' | 'not_in'): Predicate => ({
      op: 'compare',
      trait,
      test: { is, values },
    })
    expect(await members(isIn('trait/tier', texts, 'in'))).toEqual(['p0', 'p1'])
    expect(await members({ op: 'not', of: isIn('trait/tier', texts, 'in') })).toEqual(['p2', 'p3'])
    expect(await members(isIn('trait/tier', texts.slice(0, 50_000), 'not_in'))).toEqual(['p1'])
    expect(await members(isIn('trait/orders', numbers, 'in'))).toEqual(['p3'])
  })

  test('a value of another type, too many values and endless nesting are refused by name', () => {
    const stage = (where: Predicate) => () =>
      stageAudience(sql, { relation, key, population: { type: 'table', relation: everyone }, where, traits, audiences })
    const eq = (value: Literal): Predicate => ({ op: 'compare', trait: 'trait/orders', test: { is: 'eq', value } })
    expect(stage(eq('two'))).toThrow(/trait\/orders, which is of type integer, against a string/)
    expect(stage({ op: 'any', of: Array.from({ length: 70_000 }, () => eq(1)) })).toThrow(/70000 values, and 65535/)
    let deep = eq(1)
    for (let depth = 0; depth < 300; depth++) deep = { op: 'not', of: deep }
    expect(stage(deep)).toThrow(/nested more than 200 levels/)
  })
})

test('no value is ever part of the text', () => {
  const statements = stageAudience(dialectSql('duckdb'), {
    relation,
    key,
    population: { type: 'table', relation: { schema, name: 'quo"ted' } },
    where: { op: 'compare', trait: 'trait/tier', test: { is: 'eq', value: "gold'; drop table x" } },
    traits,
    audiences,
  })
  expect(statements.map(({ text }) => text).join('\n')).not.toContain('gold')
  expect(statements.at(-1)?.text).toContain('"people"."quo""ted"')
  expect(statements.at(-1)?.parameters).toEqual(["gold'; drop table x"])
})
