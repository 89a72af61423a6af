import { expect, test } from 'vitest'
import { pythonBin } from '../../test/harness/python.ts'
import type { ParsedDependency, ParsedQuery } from '../../orchestrator/graph/index.ts'
import type { Dialect } from '../../orchestrator/sql/index.ts'
import { parseQueries } from './index.ts'

const tables = { 'raw.t': ['id', 'x', 'z'], 'raw.u': ['id', 'b'] }

/** What each query's columns and rows are made of, `raw.t.x:AC` for what is aggregated and decides a branch. */
async function parsed(queries: Readonly<Record<string, string>>, dialect: Dialect = 'duckdb') {
  const asked = Object.entries(queries).map(([name, sql]) => ({
    id: `model/m/${name}` as const,
    table: `m.${name}`,
    sql,
  }))
  const answers = await parseQueries({ tables, queries: asked }, { pythonExecutable: pythonBin('python'), dialect })
  return Object.fromEntries(answers.map((answer) => [answer.id.slice('model/m/'.length), words(answer)]))
}

function words({ columns = {}, rows = [], warnings = [], opaque }: ParsedQuery) {
  const list = (dependencies: readonly ParsedDependency[]): string =>
    dependencies
      .map(([table, column, kinds]) => `${table.replace(/^(?:raw|m)\./, '')}.${column}:${kinds.join('')}`)
      .join(' ')
  const told = Object.fromEntries(Object.entries(columns).map(([name, dependencies]) => [name, list(dependencies)]))
  return opaque !== undefined
    ? { opaque }
    : { ...told, ...(rows.length > 0 ? { '': list(rows) } : {}), ...(warnings.length > 0 ? { warnings } : {}) }
}

// Letters: Identity, Transformation, Aggregation; Join, Group by, Filter, Sort, Window, Conditional; m for masked.
// The entry without a name is about the rows.
test('what columns and rows are made of', async () => {
  expect(
    await parsed({
      cte: 'with a as (select id, x + 1 as y from raw.t where z > 0) select id, y, y as again from a',
      star: 'with a as (select * from raw.t) select a.*, u.b from a join raw.u u on a.id = u.id order by 1',
      chosen: 'select * exclude (x) replace (id + x as id) from raw.t',
      using: 'select x, b from raw.t left join raw.u using (id)',
      self: 'select a.x, b.z from raw.t a join raw.t b on a.id = b.x',
      union: 'select id, x from raw.t union all select id, b from raw.u where b > 1 union select id, 3 from raw.t',
      recursive: `with recursive r as (select id, x from raw.t union all
        select r.id, r.x + 1 from r join raw.u on u.id = r.id where r.x < 3) select * from r`,
      windows: `select sum(x) over (partition by z order by id) as running, row_number() over (order by x) as place,
        lag(x) over (order by id) as before from raw.t`,
      first: `with r as (select *, row_number() over (partition by z order by x desc) as p from raw.t)
        select id from r where p = 1`,
      qualified: 'select id from raw.t qualify row_number() over (partition by z order by x) = 1',
      branches: 'select case when x > 1 then z else id end as c, coalesce(x, z) as d, x > 2 as e from raw.t',
      aggregates: `select z, count(*) as n, count(distinct x) as k, sum(x) filter (where id > 3) as f, max(x) / 2 as m
        from raw.t group by 1 having sum(x) > 1`,
      grouped: 'select z, sum(x) as s from raw.t group by all',
      scalar: 'select id, (select max(b) from raw.u where u.id = t.id) as m from raw.t',
      semi: `select id from raw.t
        where exists (select 1 from raw.u where u.id = t.id and u.b > 2) and x in (select b from raw.u)`,
      derived: 'select s.k from (select x as k, z from raw.t) s where s.z = 1',
      distinct: 'select distinct id from raw.t',
      hashed: 'select md5(x) as h, cast(id as text) as i from raw.t',
      unnested: 'select u.tag from raw.t, unnest(x) as u(tag)',
      lateral: 'select l.y from raw.t, lateral (select t.x + 1 as y) l',
      constant: 'select 1 as one from (values (1)) v(a)',
      cased: 'SELECT ID, "X" FROM "MEMORY"."raw"."t" -- all of it',
    }),
  ).toEqual({
    cte: { id: 't.id:I', y: 't.x:T', again: 't.x:T', '': 't.z:F' },
    star: { id: 't.id:I', x: 't.x:I', z: 't.z:I', b: 'u.b:I', '': 't.id:JS u.id:J' },
    chosen: { id: 't.id:T t.x:T', z: 't.z:I' },
    using: { x: 't.x:I', b: 'u.b:I', '': 't.id:J u.id:J' },
    self: { x: 't.x:I', z: 't.z:I', '': 't.id:J t.x:J' },
    union: { id: 't.id:I u.id:I', x: 't.x:I u.b:I', '': 'u.b:F' },
    recursive: { id: 't.id:I', x: 't.x:IT', '': 't.id:J t.x:F u.id:J' },
    windows: { running: 't.id:W t.x:A t.z:W', place: 't.x:W', before: 't.id:W t.x:T' },
    first: { id: 't.id:I', '': 't.x:F t.z:F' },
    qualified: { id: 't.id:I', '': 't.x:F t.z:F' },
    branches: { c: 't.id:T t.x:C t.z:T', d: 't.x:T t.z:T', e: 't.x:T' },
    aggregates: { z: 't.z:I', n: '', k: 't.x:Am', f: 't.id:C t.x:A', m: 't.x:A', '': 't.x:F t.z:G' },
    grouped: { z: 't.z:I', s: 't.x:A', '': 't.z:G' },
    scalar: { id: 't.id:I', m: 't.id:F u.b:A u.id:F' },
    semi: { id: 't.id:I', '': 't.id:F t.x:F u.b:F u.id:F' },
    derived: { k: 't.x:I', '': 't.z:F' },
    distinct: { id: 't.id:I', '': 't.id:G' },
    hashed: { h: 't.x:Tm', i: 't.id:T' },
    unnested: { tag: 't.x:T' },
    lateral: { y: 't.x:T' },
    constant: { one: '' },
    cased: { id: 't.id:I', x: 't.x:I' },
  })
})

test('what cannot be told is said, and costs the others nothing', async () => {
  const answers = await parsed({
    broken: "select from where 'a secret'",
    statement: 'create table a as select 1',
    unknown: 'select * from raw.nowhere',
    ambiguous: 'select c from raw.nowhere, raw.elsewhere',
    fine: 'select id from raw.t',
  })
  expect(answers).toEqual({
    broken: { opaque: 'it is no duckdb that the parser knows (line 1)' },
    statement: { opaque: 'it is not one query' },
    unknown: {
      '*': 'nowhere.*:I',
      warnings: ['the columns of raw.nowhere, which it takes with a pattern, are not known'],
    },
    ambiguous: { c: '', warnings: ['which table the column c is of is not known'] },
    fine: { id: 't.id:I' },
  })
})

test('Postgres is read as Postgres', async () => {
  expect(
    await parsed(
      { pg: `select distinct on (z) id::text as i, x -> 'a' ->> 'b' as j from raw.t order by z, x` },
      'postgres',
    ),
  ).toEqual({ pg: { i: 't.id:T', j: 't.x:T', '': 't.x:S t.z:GS' } })
})

test('a thousand models take seconds', { timeout: 180_000 }, async () => {
  const constants = Array.from({ length: 10 }, (_, c) => `c${c}`)
  const queries = Array.from({ length: 1000 }, (_, n): [string, string] => {
    if (n < 10) return [`m${n}`, `select 1 as id, 2 as a, 'x' as b, ${constants.map((c) => `3 as ${c}`).join(', ')}`]
    return [
      `m${n}`,
      `with x as (select * from m.m${n - 10}), y as (select id, sum(a) as s, max(b) as mb from m.m${n - 3} group by id)
       select x.id, x.a + y.s as a, case when y.s > 1 then x.b else y.mb end as b,
         ${constants.map((c) => `coalesce(x.${c}, 0) as ${c}`).join(', ')}
       from x left join y on x.id = y.id where x.a > 0`,
    ]
  })
  const started = Date.now()
  const answers = await parsed(Object.fromEntries(queries))
  console.log(`lineage of 1,000 models: ${Date.now() - started} ms`)
  expect(Object.keys(answers)).toHaveLength(1000)
  expect(answers['m999']).toMatchObject({ c0: 'm989.c0:T', a: 'm989.a:T m996.a:A' })
})
