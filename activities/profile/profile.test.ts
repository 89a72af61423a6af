import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { dialects, freshWarehouse } from '../warehouse/warehouses.fixture.ts'
import { observeRelation, profileRelation, type ProfileColumn } from './profile.ts'

describe.each(dialects)('a profile in %s', (dialect) => {
  let warehouse: Warehouse
  let drop: () => Promise<void>
  beforeAll(async () => {
    ;({ warehouse, drop } = await freshWarehouse(dialect))
    await run('create schema p')
  })
  afterAll(() => drop())

  const run = (...texts: string[]) => warehouse.transaction(texts.map((text) => ({ text, parameters: [] })))
  let tables = 0
  const version = async (definition: string, columns?: ProfileColumn[]): Promise<string> => {
    const name = `t${++tables}`
    await run(`create table p.${name} as ${definition}`)
    return (await profileRelation(warehouse, { relation: { schema: 'p', name }, columns })).dataVersion
  }

  test('tells count, nulls, distinct values, moments, quantiles and a histogram of numbers', async () => {
    await run(
      `create table p.numbers as select cast(n as double precision) as v, cast(n % 5 as integer) as i, n % 2 = 0 as even
        from generate_series(1, 100) as g(n)`,
      'insert into p.numbers values (null, null, null)',
      "insert into p.numbers values (cast('nan' as double precision), 0, true)",
    )
    const { rows, statistics } = await profileRelation(warehouse, { relation: { schema: 'p', name: 'numbers' } })
    expect(rows).toBe(102)
    const [v, i, even] = statistics
    expect(v).toMatchObject({ column: 'v', count: 101, nulls: 1, categories: null })
    expect(v?.numeric).toMatchObject({ min: 1, mean: 50.5, max: 100 })
    expect(v?.numeric?.stddev).toBeCloseTo(Math.sqrt((100 ** 2 - 1) / 12), 9)
    expect(v?.numeric?.quantiles.map((each) => Math.round(each * 100) / 100)).toEqual([5.95, 25.75, 50.5, 75.25, 95.05])
    expect(v?.numeric?.histogram).toHaveLength(20)
    expect(v?.numeric?.histogram.map(({ count }) => count)).toEqual(Array.from({ length: 20 }, () => 5))
    expect(v?.numeric?.histogram[0]).toMatchObject({ from: 1, to: 1 + 99 / 20 })
    expect(v?.numeric?.histogram[19]?.to).toBe(100)
    expect(i).toMatchObject({ count: 101, distinct: 5, numeric: { min: 0, max: 4 } })
    expect(even).toMatchObject({
      distinct: 2,
      numeric: null,
      categories: [
        { value: 'true', count: 51 },
        { value: 'false', count: 50 },
      ],
    })
  })

  test('declared categories are counted, undeclared texts only as a number', async () => {
    await run(
      "create table p.texts as select case when n % 3 = 0 then 'gold' when n % 3 = 1 then 'silver' end as tier, 'mail' || n as mail from generate_series(1, 9) as g(n)",
    )
    const columns: ProfileColumn[] = [
      { name: 'mail', type: 'text' },
      { name: 'tier', type: 'text', categories: ['bronze', 'gold', 'silver'] },
    ]
    const { statistics } = await profileRelation(warehouse, { relation: { schema: 'p', name: 'texts' }, columns })
    expect(statistics).toEqual([
      { column: 'mail', count: 9, nulls: 0, distinct: 9, numeric: null, categories: null },
      {
        column: 'tier',
        count: 6,
        nulls: 3,
        distinct: 2,
        numeric: null,
        categories: [
          { value: 'gold', count: 3 },
          { value: 'silver', count: 3 },
          { value: 'bronze', count: 0 },
        ],
      },
    ])
  })

  test('an empty table, one value and every type have a profile', async () => {
    await run(
      `create table p.everything as select cast(null as integer) as i, cast(1.5 as decimal(10, 2)) as d,
        cast('2020-01-01' as date) as day, cast('2020-01-01' as timestamp) as at, cast('{}' as json) as doc,
        cast(1e308 as double precision) as huge`,
    )
    const profile = () => profileRelation(warehouse, { relation: { schema: 'p', name: 'everything' } })
    const one = await profile()
    const of = (name: string) => one.statistics.find(({ column }) => column === name)
    expect(of('i')).toMatchObject({ count: 0, nulls: 1, distinct: 0, numeric: null })
    expect(of('d')?.numeric).toMatchObject({
      min: 1.5,
      max: 1.5,
      stddev: 0,
      histogram: [{ from: 1.5, to: 1.5, count: 1 }],
    })
    expect(of('huge')).toMatchObject({ count: 1, numeric: null })
    await run('delete from p.everything')
    const none = await profile()
    expect(none.rows).toBe(0)
    expect(none.dataVersion).not.toBe(one.dataVersion)
  })

  test('hundreds of columns are profiled in a few statements', async () => {
    const columns = Array.from({ length: 250 }, (_, index) => `n + ${index} as c${index}`)
    await run(`create table p.wide as select ${columns.join(', ')} from generate_series(1, 10) as g(n)`)
    const { statistics } = await profileRelation(warehouse, { relation: { schema: 'p', name: 'wide' } })
    expect(statistics).toHaveLength(250)
    expect(statistics[249]?.numeric).toMatchObject({ min: 250, max: 259 })
  })

  test('beyond a million rows distinct values and quantiles are near', async () => {
    await run(
      'create table p.many as select n as id, n % 7 as week_day, n % 20000 as shop from generate_series(1, 1100000) as g(n)',
    )
    const { statistics } = await profileRelation(warehouse, { relation: { schema: 'p', name: 'many' } })
    const [id, weekDay, shop] = statistics
    expect(Math.abs((id?.distinct ?? 0) / 1_100_000 - 1)).toBeLessThan(0.15)
    expect(weekDay?.distinct).toBe(7)
    expect(Math.abs((shop?.distinct ?? 0) / 20_000 - 1)).toBeLessThan(0.15)
    expect(Math.abs((id?.numeric?.quantiles[2] ?? 0) / 550_000 - 1)).toBeLessThan(0.05)
    await run('drop table p.many')
  })

  describe('the fingerprint', () => {
    const values = (rows: string) => `select * from (values ${rows}) as v(a, b)`

    test('does not care for the order of rows or columns, and counts duplicates', async () => {
      const base = await version(values("(1, 'x'), (2, 'y')"))
      expect(base).toMatch(
        dialect === 'duckdb' ? /^duckdb1\.\d+-sum-v1:[0-9a-f]{32}$/ : /^postgres\d+-sum-v1:[0-9a-f]{32}$/,
      )
      expect(await version(values("(2, 'y'), (1, 'x')"))).toBe(base)
      expect(await version(`select b, a from (${values("(1, 'x'), (2, 'y')")}) q`)).toBe(base)
      expect(await version(values("(1, 'x'), (2, 'y'), (2, 'y')"))).not.toBe(base)
      expect(await version(values("(1, 'y'), (2, 'x')"))).not.toBe(base)
    })

    test('tells a name, a type, a null and an empty text apart', async () => {
      const versions = [
        values("(1, '1')"),
        values('(1, 1)'),
        values("('1', '1')"),
        values("(1, '')"),
        values('(1, cast(null as text))'),
        values('(cast(1 as double precision), 1)'),
        'select 1 as a, 1 as c',
      ]
      const all = await Promise.all(versions.map((each) => version(each)))
      expect(new Set(all).size).toBe(all.length)
    })

    test('does not care for the last digits of a float, nor for the width of an integer', async () => {
      expect(await version('select cast(0.1 as double precision) + cast(0.2 as double precision) as a')).toBe(
        await version('select cast(0.3 as double precision) as a'),
      )
      expect(await version('select cast(0.30000001 as double precision) as a')).not.toBe(
        await version('select cast(0.3 as double precision) as a'),
      )
      expect(await version('select cast(7 as smallint) as a')).toBe(await version('select cast(7 as bigint) as a'))
      expect(await version('select cast(0 as double precision) as a')).toBe(
        await version('select cast(0 as double precision) * -1 as a'),
      )
    })

    test('rounds to the declared precision', async () => {
      const cents: ProfileColumn[] = [{ name: 'a', type: 'number', precision: 2 }]
      const of = (value: number) => version(`select cast(${value} as double precision) as a`, cents)
      expect(await of(1.001)).toBe(await of(1.0049))
      expect(await of(1.001)).not.toBe(await of(1.01))
      expect(await of(1e300)).not.toBe(await of(2e300))
    })

    test('NaN and the infinities are values of their own', async () => {
      const of = (value: string) => version(`select cast('${value}' as double precision) as a`)
      const all = await Promise.all([of('nan'), of('infinity'), of('-infinity'), of('0')])
      expect(new Set(all).size).toBe(4)
    })

    test('of a large table that others write is a sketch, with a name of its own', async () => {
      const relation = { schema: 'p', name: 'large' }
      const columns: ProfileColumn[] = [
        { name: 'id', type: 'integer' },
        { name: 'seen', type: 'timestamp' },
      ]
      await run(
        "create table p.large as select n as id, cast('2020-01-01' as timestamp) as seen from generate_series(1, 20000) as g(n)",
      )
      const observe = (sketchBeyondRows?: number) => observeRelation(warehouse, { relation, columns, sketchBeyondRows })
      expect((await observe()).dataVersion).toMatch(/-sum-v1:/)
      const before = await observe(10_000)
      expect(before).toMatchObject({ rows: 20_000, dataVersion: expect.stringMatching(/-sketch-v2:/) as string })
      expect(await observe(10_000)).toEqual(before)
      await run("update p.large set seen = cast('2021-01-01' as timestamp) where id = 7")
      expect((await observe(10_000)).dataVersion).not.toBe(before.dataVersion)
    })

    test('a sketch samples by columns that differ, and a table without any is read whole', async () => {
      const relation = { schema: 'p', name: 'events' }
      await run(`create table p.events as select 'web' as app_id, cast(n as varchar) as event_id, 'u' || n as user_id,
        cast('2020-01-01' as timestamp) as seen from generate_series(1, 20000) as g(n)`)
      const columns: ProfileColumn[] = [
        { name: 'app_id', type: 'text' },
        { name: 'event_id', type: 'text' },
        { name: 'user_id', type: 'text' },
        { name: 'seen', type: 'timestamp' },
      ]
      const observe = (of = columns) => observeRelation(warehouse, { relation, columns: of, sketchBeyondRows: 10_000 })
      const before = await observe()
      expect(before.dataVersion).toMatch(/-sketch-v2:/)
      await run("update p.events set user_id = 'other' where cast(event_id as integer) % 2 = 0")
      expect((await observe()).dataVersion).not.toBe(before.dataVersion)
      const alike = columns.filter(({ name }) => ['app_id', 'seen'].includes(name))
      expect((await observe(alike)).dataVersion).toMatch(/-sum-v1:/)
    })
  })
})
