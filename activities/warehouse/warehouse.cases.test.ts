import { execFile, spawn } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ColumnSpec } from '../../orchestrator/contract/index.ts'
import { packageRoot } from '../../orchestrator/process/index.ts'
import { pythonBin } from '../../test/harness/python.ts'
import { tempDir } from '../../test/harness/temp.ts'
import { createWarehouse } from './create-warehouse.ts'
import type { Row, Warehouse } from './warehouse.ts'
import { dialects, places, type Place } from './warehouses.fixture.ts'

const purchases = join(packageRoot(), 'examples/shop/data/cdnow_purchases.csv')
const webEvents = join(packageRoot(), 'test/fixtures/snowplow_web_events.csv')

const s = (text: string, ...parameters: (string | number | boolean | null)[]) => ({ text, parameters })
const csv = { delimiter: ',', header: true, dateFormat: null }

describe.each(dialects)('a warehouse in %s', (dialect) => {
  let place: Place
  let warehouse: Warehouse
  beforeAll(async () => {
    place = await places[dialect]()
    warehouse = createWarehouse(place)
    await warehouse.transaction([s('create schema w')])
  })
  afterAll(async () => {
    await warehouse.close()
    await place.drop()
  })

  const one = async (text: string, ...parameters: (string | number | boolean | null)[]): Promise<Row> =>
    (await warehouse.query(s(text, ...parameters)))[0] as Row

  const everyType = `select cast(1 as smallint) as small, cast(9007199254740991 as bigint) as safe,
    cast(9007199254740993 as bigint) as beyond, cast('12.50' as decimal(10, 2)) as money,
    cast(0.1 as double precision) as tenth, cast('nan' as double precision) as nan, true as yes,
    cast('2020-07-03 10:00:00.5' as timestamp) as half, cast('2020-07-03 10:00:00+02' as timestamp with time zone) as zoned,
    cast('2020-07-03' as date) as day, cast('{"a": [1, null]}' as json) as doc, cast(null as integer) as nothing, 'ü"\\' as words`
  const everyTypeRow = {
    small: 1,
    safe: 9007199254740991,
    beyond: '9007199254740993',
    money: '12.50',
    tenth: 0.1,
    nan: 'NaN',
    yes: true,
    half: '2020-07-03T10:00:00.500000Z',
    zoned: '2020-07-03T08:00:00.000000Z',
    day: '2020-07-03',
    doc: { a: [1, null] },
    nothing: null,
    words: 'ü"\\',
  }

  test('every type comes back as JSON, the same from each', async () => {
    expect(await one(everyType)).toEqual(everyTypeRow)
  })

  test('exports the same as JSON lines, in order, to a file of its owner', async () => {
    const path = join(await tempDir(), 'rows.jsonl')
    const { rows, bytes } = await warehouse.exportJsonLines(s(everyType), path)
    const text = await readFile(path, 'utf8')
    expect({ rows, bytes }).toEqual({ rows: 1, bytes: Buffer.byteLength(text) })
    expect(JSON.parse(text)).toEqual(everyTypeRow)
    expect((await stat(path)).mode & 0o777).toBe(0o600)

    const ordered = join(await tempDir(), 'ordered.jsonl')
    await warehouse.transaction([
      s('create table w.numbers (n integer)'),
      s('insert into w.numbers select * from generate_series(1, 20000) as g(n)'),
    ])
    const statement = s('select n from w.numbers where n > cast($1 as integer) order by n desc', 5)
    expect((await warehouse.exportJsonLines(statement, ordered)).rows).toBe(19_995)
    const lines = (await readFile(ordered, 'utf8')).trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { n: number }).n)).toEqual(
      Array.from({ length: 19_995 }, (_, index) => 20_000 - index),
    )
    await expect(warehouse.exportJsonLines(statement, ordered)).rejects.toMatchObject({ code: 'FILE_EXISTS' })

    const failed = join(await tempDir(), 'failed.jsonl')
    await expect(warehouse.exportJsonLines(s('select nope from w.numbers'), failed)).rejects.toMatchObject({
      code: 'COLUMN_MISSING',
    })
    await expect(stat(failed)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('parameters of every kind', async () => {
    const row = await one(
      'select cast($1 as varchar) as t, cast($2 as bigint) as i, cast($3 as double precision) as d, cast($4 as boolean) as b, cast($5 as varchar) as n',
      "it's",
      9007199254740991,
      1e300,
      false,
      null,
    )
    expect(row).toEqual({ t: "it's", i: 9007199254740991, d: 1e300, b: false, n: null })
  })

  test('a transaction answers what it changed, or leaves nothing', async () => {
    const create = s('create table w.t (id integer)')
    const insert = s('insert into w.t values (1), (2), (3)')
    expect((await warehouse.transaction([create, insert])).slice(1)).toEqual([3])
    await expect(warehouse.transaction([s('delete from w.t'), s('select * from w.nowhere')])).rejects.toMatchObject({
      code: 'RELATION_MISSING',
      blame: 'user',
    })
    expect(await one('select count(*) as n from w.t')).toEqual({ n: 3 })
  })

  test('describes tables and views in Traitline’s types', async () => {
    await warehouse.transaction([s(`create view w.described as ${everyType}`)])
    const types = Object.fromEntries(
      ((await warehouse.describe({ schema: 'w', name: 'described' })) ?? []).map(({ name, type }) => [name, type]),
    )
    expect(types).toMatchObject({
      small: 'integer',
      beyond: 'integer',
      money: 'number',
      tenth: 'number',
      yes: 'boolean',
      half: 'timestamp',
      zoned: 'timestamp',
      day: 'date',
      doc: 'json',
      words: 'text',
    })
    expect(await warehouse.describe({ schema: 'w', name: 'nowhere' })).toBeNull()
  })

  test('calls overlap, and a schema asked for by many at once is made once', async () => {
    const counts = await Promise.all(
      Array.from({ length: 12 }, (_, index) => one('select cast($1 as integer) as n', index)),
    )
    expect(counts.map((row) => row['n'])).toEqual(Array.from({ length: 12 }, (_, index) => index))
    const writes = Array.from({ length: 6 }, (_, index) =>
      warehouse.transaction([s(`create table w.many_${index} as select ${index} as n`)]),
    )
    await Promise.all(writes)
    expect(await one('select count(*) as n from information_schema.tables where table_name like $1', 'many%')).toEqual({
      n: 6,
    })
  })

  test('its identity is made once, whoever asks first, and stays', async () => {
    const ids = await Promise.all(Array.from({ length: 4 }, () => warehouse.identity()))
    expect(new Set(ids).size).toBe(1)
    expect(await warehouse.identity()).toBe(ids[0])
  })

  test('more rows than asked for are an error', async () => {
    const many = s('select * from generate_series(1, 30) as g(n)')
    expect(await warehouse.query(many, { limit: 30 })).toHaveLength(30)
    await expect(warehouse.query(many, { limit: 29 })).rejects.toMatchObject({ code: 'ROWS_TOO_MANY' })
  })

  test('errors name what is wrong with the code, and no value', async () => {
    await warehouse.transaction([
      s('create table w.people (email varchar primary key, age varchar)'),
      s("insert into w.people values ('ada@example.com', 'secret')"),
    ])
    const failing: [string, string][] = [
      ['select nope from w.people', 'COLUMN_MISSING'],
      ['select cast(age as double precision) from w.people', 'VALUE_INVALID'],
      ['select cast(email as date) from w.people', 'VALUE_INVALID'],
      ["insert into w.people values ('ada@example.com', '2')", 'VALUE_INVALID'],
      ["select cast('to secret' as integer)", 'VALUE_INVALID'],
      ["selec 'secret'", 'SQL_INVALID'],
    ]
    for (const [text, code] of failing) {
      const error = (await warehouse.transaction([s(text)]).catch((each: unknown) => each)) as Error
      expect(error, text).toMatchObject({ code, blame: 'user' })
      expect(`${error.message}`, text).not.toMatch(/ada|secret/)
    }
  })

  test('an abort interrupts the statement, a time-out too, and the warehouse goes on', async () => {
    const forever = s(
      'select count(*) as n from generate_series(1, 1000000) a(x), generate_series(1, 1000000) b(y) where x + y = 3',
    )
    const controller = new AbortController()
    const reason = new Error('cancelled by the run')
    setTimeout(() => controller.abort(reason), 100)
    const started = Date.now()
    await expect(warehouse.query(forever, { signal: controller.signal })).rejects.toBe(reason)
    await expect(warehouse.query(forever, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'WAREHOUSE_TIMEOUT' })
    expect(Date.now() - started).toBeLessThan(8_000)
    expect(await one('select 1 as n')).toEqual({ n: 1 })
    await expect(warehouse.query(forever, { signal: controller.signal })).rejects.toBe(reason)
  })

  describe('loads CSV', () => {
    const columns: ColumnSpec[] = [
      { name: 'customer_id', type: 'text' },
      { name: 'purchased_on', type: 'date' },
      { name: 'quantity', type: 'integer' },
      { name: 'amount', type: 'number' },
    ]
    const relation = { schema: 'raw', name: 'purchases' }

    test('all real purchases, leading zeros and duplicates kept, again and again', async () => {
      const load = { relation, columns, paths: [purchases], ...csv, dateFormat: '%Y%m%d' }
      expect(await warehouse.loadCsv(load)).toBe(69_659)
      await warehouse.transaction([s('create view w.reads_purchases as select * from raw.purchases')])
      expect(await warehouse.loadCsv(load)).toBe(69_659)
      expect(
        await one(`select count(distinct customer_id) as customers, min(customer_id) as first, min(purchased_on) as since,
          sum(quantity) as discs, round(cast(sum(amount) as decimal(20, 4)), 2) as revenue from w.reads_purchases`),
      ).toMatchObject({ customers: 23_570, first: '00001', since: '1997-01-01' })
      expect(await warehouse.describe(relation)).toEqual(columns)
    })

    test('Snowplow’s events by name, whatever other columns the file has or lacks', async () => {
      const rows = await warehouse.loadCsv({
        relation: { schema: 'atomic', name: 'events' },
        columns: [
          { name: 'event_id', type: 'text' },
          { name: 'collector_tstamp', type: 'timestamp' },
          { name: 'domain_sessionidx', type: 'integer' },
          { name: 'geo_latitude', type: 'number' },
          { name: 'br_cookies', type: 'boolean' },
          { name: 'not_in_the_file', type: 'json' },
        ],
        paths: [webEvents],
        ...csv,
      })
      expect(rows).toBe(160)
      expect(
        await one('select * from atomic.events where event_id = $1', '9e983d4a-e07c-4858-8e97-bdb7feb31241'),
      ).toMatchObject({
        collector_tstamp: '2021-03-03T21:27:32.696000Z',
        domain_sessionidx: 1,
        geo_latitude: -37.8061,
        br_cookies: true,
        not_in_the_file: null,
      })
    })

    const load = async (content: string, more: object = {}): Promise<Row[]> => {
      const path = join(await tempDir(), 'some.csv')
      await writeFile(path, content)
      await warehouse.loadCsv({ relation: { schema: 'raw', name: 'some' }, columns, paths: [path], ...csv, ...more })
      return warehouse.query(s('select * from raw.some'))
    }

    test('quotes, line breaks, empty fields, offsets and a byte order mark', async () => {
      const types: ColumnSpec[] = [
        { name: 'a', type: 'text' },
        { name: 't', type: 'timestamp' },
        { name: 'j', type: 'json' },
      ]
      const content =
        '\uFEFFt;j;a\r\n2020-07-03T10:00:00+02:00;"{""x"": 1}";"one\n""two"""\r\n2020-07-03 10:00:00;;""\r\n'
      expect(await load(content, { columns: types, delimiter: ';' })).toEqual([
        { a: 'one\n"two"', t: '2020-07-03T08:00:00.000000Z', j: { x: 1 } },
        { a: null, t: '2020-07-03T10:00:00.000000Z', j: null },
      ])
    })

    test('by position without a header, dates as they are declared', async () => {
      const times: ColumnSpec[] = [
        { name: 'day', type: 'date' },
        { name: 'at', type: 'timestamp' },
      ]
      const more = { columns: times, header: false, dateFormat: '%d/%m/%Y %H:%M:%S' }
      expect(await load('03/07/2020 00:00:00,03/07/2020 10:00:05\n', more)).toEqual([
        { day: '2020-07-03', at: '2020-07-03T10:00:05.000000Z' },
      ])
    })

    test('a bad row is named by file, line and column, never by its value, and the old table stays', async () => {
      await load('customer_id,purchased_on,quantity,amount\na,2020-01-01,1,1\n')
      const bad: [string, RegExp][] = [
        [
          'customer_id,purchased_on,quantity,amount\na,2020-01-01,1,2\nb,2020-01-01,secret,2\n',
          /some\.csv, line 3, column quantity: its value does not fit/,
        ],
        [
          'customer_id,purchased_on,quantity,amount\na,2020-13-45,1,2\nb,secret,1,2\n',
          /line 2, column purchased_on: .*2 such in all/,
        ],
        ['customer_id,purchased_on,quantity,amount\na,2020-01-01,1\n', /line 2: it has too few columns/],
        ['customer_id,purchased_on,quantity,amount\na,2020-01-01,1,2,secret\n', /line 2: it has too many columns/],
      ]
      for (const [content, message] of bad) {
        const error = (await load(content).catch((each: unknown) => each)) as Error
        expect(error).toMatchObject({ code: 'CSV_INVALID', blame: 'user' })
        expect(error.message).toMatch(message)
        expect(error.message).not.toContain('secret')
      }
      expect(await warehouse.query(s('select customer_id from raw.some'))).toEqual([{ customer_id: 'a' }])
    })

    test('a wrong delimiter, an unknown date letter and a missing file are named', async () => {
      await expect(load('customer_id;amount\n1;2\n')).rejects.toThrow(
        /none of the declared columns.*customer_id;amount/,
      )
      await expect(load('customer_id\n1\n', { dateFormat: '%Y-%j' })).rejects.toThrow(/%j is not one of/)
      const gone = { relation, columns, paths: ['/nowhere/gone.csv'], ...csv }
      await expect(warehouse.loadCsv(gone)).rejects.toMatchObject({ code: 'FILE_MISSING' })
    })
  })

  test('closed is closed', async () => {
    const other = createWarehouse(place)
    await other.close()
    await other.close()
    await expect(other.query(s('select 1'))).rejects.toMatchObject({ code: 'WAREHOUSE_CLOSED' })
  })
})

describe('DuckDB’s one file', () => {
  const open = async (): Promise<{ warehouse: Warehouse; path: string }> => {
    const home = await tempDir()
    return { warehouse: createWarehouse({ url: 'duckdb:w.duckdb?threads=2', home }), path: join(home, 'w.duckdb') }
  }
  const python = (script: string, path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      execFile(pythonBin('python'), ['-c', `import duckdb, sys\n${script}`, path], (error, stdout) =>
        error === null ? resolve(stdout) : reject(error),
      )
    })

  test('a lease waits for calls, holds up later ones, and lets another process write', async () => {
    const { warehouse, path } = await open()
    await warehouse.transaction([s('create table t as select 1 as n')])
    const order: string[] = []
    const slow = warehouse
      .query(s('select count(*) as n from range(3000000) a(i) where i % 7 = 3'))
      .then(() => order.push('call before'))
    const lease = warehouse.lease(async (access) => {
      expect(access).toEqual({ dialect: 'duckdb', url: `duckdb:${path}` })
      order.push('lease')
      await python('duckdb.connect(sys.argv[1]).execute("insert into t values (2)")', path)
      await expect(warehouse.query(s('select 1'))).rejects.toMatchObject({ code: 'WAREHOUSE_LEASED' })
    })
    const after = warehouse.query(s('select count(*) as n from t')).then((rows) => {
      order.push('call after')
      return rows
    })
    await Promise.all([slow, lease])
    expect(await after).toEqual([{ n: 2 }])
    expect(order).toEqual(['call before', 'lease', 'call after'])
    await warehouse.close()
  })

  test('a lease that is cancelled while it waits holds up nobody', async () => {
    const { warehouse } = await open()
    let finish: () => void = () => undefined
    const holding = warehouse.lease(() => new Promise<void>((resolve) => (finish = resolve)))
    const controller = new AbortController()
    const waiting = warehouse.lease(async () => undefined, controller.signal)
    const reason = new Error('cancelled')
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    finish()
    await holding
    expect(await warehouse.query(s('select 1 as n'))).toEqual([{ n: 1 }])
    await warehouse.close()
  })

  test('a file that another program has open is named with its process', async () => {
    const { warehouse, path } = await open()
    const other = spawn(pythonBin('python'), [
      '-c',
      'import duckdb, sys\nc = duckdb.connect(sys.argv[1])\nprint("open", flush=True)\nsys.stdin.read()',
      path,
    ])
    await new Promise((resolve) => other.stdout.once('data', resolve))
    const error = (await warehouse.query(s('select 1')).catch((each: unknown) => each)) as Error
    expect(error).toMatchObject({ code: 'WAREHOUSE_LOCKED', blame: 'system' })
    expect(error.message).toContain(path)
    expect(error.message).toContain(`process ${other.pid}`)
    const ended = new Promise((resolve) => other.once('exit', resolve))
    other.stdin.end()
    await ended
    expect(await warehouse.query(s('select 1 as n'))).toEqual([{ n: 1 }])
    await warehouse.close()
  })

  test('a killed process fails the calls in flight, loses only what was not committed, and is started again', async () => {
    const { warehouse, path } = await open()
    await warehouse.transaction([s('create table t as select 1 as n')])
    const pid = await holderOf(path)
    const lost = warehouse.transaction([
      s('insert into t values (2)'),
      s('insert into t select count(*) from range(1000000000) a(i) where i % 7 = 3'),
    ])
    setTimeout(() => process.kill(pid, 'SIGKILL'), 200)
    await expect(lost).rejects.toMatchObject({ code: 'WAREHOUSE_LOST', blame: 'system' })
    expect(await warehouse.query(s('select n from t'))).toEqual([{ n: 1 }])
    await warehouse.close()
  })

  test('the process goes with its worker, even one that is killed in the middle of a statement', async () => {
    const { path } = await open()
    const root = packageRoot()
    const script = `import { createJiti } from ${JSON.stringify(join(root, 'node_modules/jiti/lib/jiti.mjs'))}
      const { createWarehouse } = await createJiti(import.meta.url).import(${JSON.stringify(join(root, 'activities/warehouse/create-warehouse.ts'))})
      const warehouse = createWarehouse({ url: 'duckdb:' + process.argv[1], home: '/' })
      await warehouse.query({ text: 'select 1', parameters: [] })
      console.log('open')
      await warehouse.query({ text: 'select count(*) from range(100000000000) a(i) where i % 7 = 3', parameters: [] })`
    const worker = spawn(process.execPath, ['--input-type=module', '-e', script, path])
    await new Promise((resolve) => worker.stdout.once('data', resolve))
    const pid = await holderOf(path)
    worker.kill('SIGKILL')
    await eventually(() => {
      try {
        process.kill(pid, 0)
        return false
      } catch {
        return true
      }
    })
    expect(await python('print(duckdb.connect(sys.argv[1]).execute("select 42").fetchone()[0])', path)).toBe('42\n')
  })

  test('a file that is named like a schema in it, which DuckDB cannot tell apart, is told with the fix', async () => {
    const warehouse = createWarehouse({ url: 'duckdb:shop.duckdb', home: await tempDir() })
    await expect(
      warehouse.transaction([s('create schema shop'), s('create table shop.t (n integer)')]),
    ).rejects.toMatchObject({ code: 'SCHEMA_AMBIGUOUS', message: 'The schema shop has the name of the DuckDB file' })
    await warehouse.close()
  })

  test('its file and what it exports are its owner’s alone', async () => {
    const { warehouse, path } = await open()
    await warehouse.identity()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await warehouse.close()
  })

  test('a URL that cannot work is refused with the reason', () => {
    expect(() => createWarehouse({ url: 'duckdb::memory:', home: '/' })).toThrow(/needs a file/)
    expect(() => createWarehouse({ url: 'duckdb:x?colour=red', home: '/' })).toThrow(/colour/)
    expect(() => createWarehouse({ url: 'mysql://x', home: '/' })).toThrow(/mysql/)
    expect(createWarehouse({ url: 'postgres://ada:secret@db:5433/shop', home: '/' }).id).toBe('postgres-db:5433/shop')
  })
})

/** The process that has the file: DuckDB names it to whoever is refused. */
async function holderOf(path: string): Promise<number> {
  const script = 'import duckdb, sys\ntry: duckdb.connect(sys.argv[1])\nexcept Exception as e: print(e)'
  const refusal = await new Promise<string>((resolve) =>
    execFile(pythonBin('python'), ['-c', script, path], (_error, stdout) => resolve(stdout)),
  )
  return Number(/PID (\d+)/.exec(refusal)?.[1])
}

async function eventually(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('the condition did not come true within 5 s')
}
