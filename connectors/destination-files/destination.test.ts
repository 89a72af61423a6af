import { spawn } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { deliver, type GivenRow } from '../../test/harness/deliver.ts'
import { configuredStream, recordLine, runProgram, stateLine } from '../../test/harness/destination.ts'
import { tempDir } from '../../test/harness/temp.ts'
import type { ConfiguredAirbyteStream, JsonData } from '../protocol/index.ts'
import { destinationFiles } from './destination.ts'
import { csvCell } from './formats/csv.ts'
import { fileName } from './naming.ts'

let folder: string
beforeEach(async () => {
  folder = await tempDir()
})

const people = configuredStream('people', ['id', 'note'], { operation: 'append' })
const upserts = configuredStream('people', ['id', 'note'], {
  destination_sync_mode: 'append_dedup',
  primary_key: [['id']],
  operation: 'upsert',
})
const deletes = configuredStream('people__delete', ['id'], {
  destination_sync_mode: 'soft_delete',
  destination_object_name: 'people',
  primary_key: [['id']],
  operation: 'delete',
})

function write(
  config: JsonData,
  batches: readonly (readonly GivenRow[])[],
  streams: readonly ConfiguredAirbyteStream[] = [people],
) {
  return deliver(destinationFiles, { folder, ...config }, streams, batches)
}

/** Every file below the folder with its text, also what is hidden. */
async function files(): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path.slice(folder.length + 1), await readFile(path, 'latin1')] as const
    })
  return Object.fromEntries((await Promise.all(found)).sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function query(sql: string): Promise<unknown[]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const result = await connection.runAndReadAll(sql)
  connection.closeSync()
  return result.getRowObjectsJson()
}

const day = 'people/1970-01-01'

test('a batch is one file, and a batch that is sent again is written over itself', async () => {
  for (let time = 0; time < 2; time++) {
    const { answers, code } = await write({}, [[{ id: '1', note: 'a\n"b"' }, { id: '2' }], [{ id: '3' }]])
    expect(code).toBe(0)
    expect(answers).toMatchObject([{ recordCount: 2, rejected: [] }, { recordCount: 1 }])
  }
  expect(await files()).toEqual({
    [`${day}/run.0.jsonl`]: '{"id":"1","note":"a\\n\\"b\\""}\n{"id":"2"}\n',
    [`${day}/run.1.jsonl`]: '{"id":"3"}\n',
  })
})

test('rows are passed on as they came: no number loses its digits', async () => {
  const row = '{"id":12345678901234567890,"note":0.1000}'
  const line = `{"type":"RECORD","record":{"stream":"people","data":${row},"emitted_at":1}}\n`
  const config = { folder }
  await runProgram(destinationFiles, 'write', { config, catalog: { streams: [people] } }, [
    line,
    stateLine('people', 0),
  ])
  expect(await files()).toEqual({ [`${day}/run.0.jsonl`]: `${row}\n` })
})

test('a mirror is a log of changes: each row says what happened, when, and in which run', async () => {
  const { answers } = await write(
    {},
    [
      [
        ['people__delete', { id: '1' }],
        ['people', { id: '2', note: 'x' }],
      ],
    ],
    [upserts, deletes],
  )
  expect(answers).toMatchObject([{ recordCount: 2, rejected: [] }])
  const more = '"_synced_at":"1970-01-01T00:00:00.001Z","_sync_run":"run"}\n'
  expect(await files()).toEqual({
    [`${day}/run.0.jsonl`]: `{"id":"1","_operation":"delete",${more}{"id":"2","note":"x","_operation":"upsert",${more}`,
  })
})

test('of one batch with rows of two objects, each has a file', async () => {
  const orders = configuredStream('orders', ['id'], { operation: 'append' })
  await write({ bookkeeping: true }, [[{ id: '1' }, ['orders', {}]]], [people, orders])
  const found = await files()
  expect(Object.keys(found)).toEqual(['orders/1970-01-01/run.0.jsonl', `${day}/run.0.jsonl`])
  expect(JSON.parse(found['orders/1970-01-01/run.0.jsonl'] ?? '')).toMatchObject({ _operation: 'append' })
})

test('folders by a template, and names by the batch', () => {
  const at = Date.UTC(2026, 10, 24, 7)
  const name = (template: string, stream: string, batch: string): string =>
    fileName(template, { stream, batch, at }, 'csv')
  expect(name('{stream}/date={date}/hour={hour}', 'people', 'r-1:7')).toBe('people/date=2026-11-24/hour=07/r-1.7.csv')
  expect(name('{stream}/{run}', '../etc', 'r-1:7')).toBe('%2e%2e%2Fetc/r-1/r-1.7.csv')
  const text = fc.string({ minLength: 1 })
  fc.assert(
    fc.property(text, text, text, text, (a, b, c, d) => {
      const [one, other] = [name('{stream}', a, b), name('{stream}', c, d)]
      expect(one === other).toBe(a === c && b === d)
      expect(one.split('/')).toHaveLength(2)
      expect(one).toMatch(/^[^./]/)
    }),
  )
})

test('packed files are the same each time', async () => {
  const rows = Array.from({ length: 20_000 }, (_, n) => ({ id: String(n), note: 'again and again' }))
  await write({ compression: 'gzip' }, [rows])
  const [[name = '', first] = []] = Object.entries(await files())
  expect(name).toBe(`${day}/run.0.jsonl.gz`)
  await write({ compression: 'gzip' }, [rows])
  expect(await files()).toEqual({ [name]: first })
  expect(
    gunzipSync(Buffer.from(first ?? '', 'latin1'))
      .toString()
      .split('\n'),
  ).toHaveLength(20_001)
})

describe('CSV', () => {
  test('has a header, quotes where they are needed, and tells null from an empty text', async () => {
    await write({ format: 'csv' }, [
      [
        { id: '1,5', note: '' },
        { id: null, note: 'say "hi"\r\n' },
        { id: 5, note: { a: true } },
      ],
    ])
    expect(await files()).toEqual({
      [`${day}/run.0.csv`]: 'id,note\r\n"1,5",""\r\n,"say ""hi""\r\n"\r\n5,"{""a"":true}"\r\n',
    })
  })

  test('is read again as it was, whatever the texts', async () => {
    const cell = fc.option(fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', ' ', "'", '=', 'é') }), {
      nil: null,
    })
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell)), (rows) => {
        const text = rows.map((row) => `${row.map((one) => csvCell(one, false)).join(',')}\r\n`).join('')
        expect(parseCsv(text)).toEqual(rows)
      }),
    )
  })

  test.each([
    ['=1+1', "'=1+1"],
    ['-2', "'-2"],
    ['@sum', "'@sum"],
    ['+49', "'+49"],
    ['a=b', 'a=b'],
  ])('for spreadsheets, %s is no formula', (text, safe) => {
    expect([csvCell(text, true), csvCell(text, false), csvCell(-2, true)]).toEqual([safe, text, '-2'])
  })
})

describe('Parquet', () => {
  const typed = configuredStream(
    'people',
    {
      id: { type: 'string' },
      orders: { type: ['null', 'integer'] },
      value: { type: ['null', 'number'] },
      vip: { type: ['null', 'boolean'] },
      born: { type: ['null', 'string'], format: 'date' },
      seen: { type: ['null', 'string'], format: 'date-time', airbyte_type: 'timestamp_with_timezone' },
      'the "tags"': {},
    },
    { operation: 'append' },
  )
  const good = {
    id: 'é"',
    orders: 9007199254740991,
    value: 0.1,
    vip: false,
    born: '1970-01-31',
    seen: '2026-01-02T03:04:05.678Z',
    'the "tags"': ['a', { b: null }],
  }

  test('has the types of the stream', async () => {
    await write({ format: 'parquet' }, [[good, { id: '2' }]], [typed])
    const path = join(folder, day, 'run.0.parquet')
    expect(await query(`select column_name, column_type from (describe select * from '${path}')`)).toEqual(
      [
        ['id', 'VARCHAR'],
        ['orders', 'BIGINT'],
        ['value', 'DOUBLE'],
        ['vip', 'BOOLEAN'],
        ['born', 'DATE'],
        ['seen', 'TIMESTAMP WITH TIME ZONE'],
        ['the "tags"', 'JSON'],
      ].map(([column_name, column_type]) => ({ column_name, column_type })),
    )
    expect(
      await query(`select id, orders, value, vip, born, epoch_ms(seen) as seen, "the ""tags""" as tags from '${path}'`),
    ).toEqual([
      {
        ...good,
        orders: '9007199254740991',
        seen: String(Date.UTC(2026, 0, 2, 3, 4, 5, 678)),
        tags: '["a",{"b":null}]',
        'the "tags"': undefined,
      },
      { id: '2', orders: null, value: null, vip: null, born: null, seen: null, tags: null },
    ])
    expect(Object.keys(await files())).toEqual([`${day}/run.0.parquet`])
  })

  test('a value that is not of its type is one rejected row', async () => {
    const { answers, messages } = await write(
      { format: 'parquet', compression: 'snappy' },
      [[good, { ...good, orders: 'private' }, { ...good, born: '2026-02-30' }, { id: '4' }]],
      [typed],
    )
    expect(answers).toMatchObject([
      {
        recordCount: 4,
        rejected: [
          { ordinal: 1, code: 'invalid_value', message: 'The value of orders is no bigint.' },
          { ordinal: 2, code: 'invalid_value', message: 'The value of born is no date.' },
        ],
      },
    ])
    expect(JSON.stringify(messages)).not.toContain('private')
    expect(await query(`select id from '${join(folder, day, 'run.0.parquet')}'`)).toEqual([{ id: 'é"' }, { id: '4' }])
  })

  test('a log of changes has its columns first', async () => {
    await write({ format: 'parquet' }, [[['people__delete', { id: '1' }]]], [upserts, deletes])
    expect(await query(`select * from '${join(folder, day, 'run.0.parquet')}'`)).toMatchObject([
      { _operation: 'delete', _sync_run: 'run', id: '1', note: null },
    ])
  })
})

test('killed in the middle of a batch it leaves nothing to be seen, and the batch sent again is there once', async () => {
  const home = await tempDir()
  const [config, catalog] = [join(home, 'config'), join(home, 'catalog')]
  await writeFile(config, JSON.stringify({ folder }))
  await writeFile(catalog, JSON.stringify({ streams: [people] }))
  const program = fileURLToPath(new URL('../bin/destination-files', import.meta.url))
  const child = spawn(process.execPath, [program, 'write', '--config', config, '--catalog', catalog], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.stdin.on('error', () => undefined)
  const rows = Array.from({ length: 60_000 }, (_, n) => ({ id: String(n) }))
  child.stdin.write(rows.map((row) => recordLine('people', row)).join(''))
  // The first part of the batch is written aside.
  await expect
    .poll(async () => (await readdir(join(folder, '.traitline')).catch(() => [])).length, { timeout: 20_000 })
    .toBe(1)
  child.kill('SIGKILL')
  await exited
  expect((await readdir(folder)).filter((name) => name !== '.traitline')).toEqual([])

  const { answers } = await write({}, [rows])
  expect(answers).toMatchObject([{ recordCount: 60_000, rejected: [] }])
  const found = await files()
  expect(found[`${day}/run.0.jsonl`]?.split('\n')).toHaveLength(60_001)
})

describe('check', () => {
  const check = async (config: JsonData): Promise<string> => {
    const { said, messages } = await runProgram(destinationFiles, 'check', { config })
    return said === '' ? JSON.stringify(messages) : said
  }

  test('a folder that can be written', async () => {
    expect(await check({ folder })).toContain('SUCCEEDED')
    expect(await files()).toEqual({})
  })

  test('what is wrong with the others', async () => {
    await writeFile(join(folder, 'file'), '')
    expect(await check({ folder: join(folder, 'none') })).toContain('does not exist: make it')
    expect(await check({ folder: join(folder, 'file') })).toContain('is no folder')
    expect(await check({ folder: 'relative' })).toContain('should be an absolute path')
    expect(await check({})).toContain('give either folder or bucket')
    expect(await check({ folder, bucket: 'lake' })).toContain('give either folder or bucket')
    expect(await check({ folder, path: '{date}' })).toContain('should contain {stream}')
    expect(await check({ folder, path: '../{stream}' })).toContain('should be names of letters')
    expect(await check({ folder, compression: 'zstd' })).toContain('unless the format is parquet')
  })

  test.skipIf(process.getuid?.() === 0)('a folder that belongs to others', async () => {
    await mkdir(join(folder, 'theirs'))
    await chmod(join(folder, 'theirs'), 0o500)
    expect(await check({ folder: join(folder, 'theirs') })).toContain('may not be written')
  })
})

test.each([
  ['overwrite', { destination_sync_mode: 'overwrite' as const, operation: null }, 'overwrite is not offered'],
  ['update', { operation: 'update' as const }, 'update is not offered'],
])('%s is refused before anything is written', async (_, more, words) => {
  const { said, code } = await write({}, [[{ id: '1' }]], [{ ...people, ...more }])
  expect(code).toBe(1)
  expect(said).toContain(words)
  expect(await files()).toEqual({})
})

test('a column that has the name of one that says what a row is, or no columns where they are needed', async () => {
  const taken = configuredStream('people', ['_operation'], { operation: 'append' })
  expect((await write({ bookkeeping: true }, [[{ id: '1' }]], [taken])).said).toContain('rename it')
  const none = configuredStream('people', [], { operation: 'append' })
  expect((await write({ format: 'csv' }, [[{ id: '1' }]], [none])).said).toContain('has no properties')
  const twins = configuredStream('people', ['id', 'ID'], { operation: 'append' })
  expect((await write({ format: 'parquet' }, [[{ id: '1' }]], [twins])).said).toContain('differ only by case')
})

/** RFC 4180, with an unquoted empty cell for null. */
function parseCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = []
  let row: (string | null)[] = []
  for (let at = 0; at < text.length;) {
    const cell = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(text.slice(at))
    if (cell === null) throw new Error(`no CSV at ${at}`)
    const [all, quoted, plain, end] = cell
    row.push(quoted === undefined ? (plain === '' ? null : (plain ?? null)) : quoted.replaceAll('""', '"'))
    if (end !== ',') {
      rows.push(row)
      row = []
    }
    at += all.length
  }
  return rows
}
