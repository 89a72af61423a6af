import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { runCli, startCli } from './cli.ts'
import { stackOf, tempHome } from './home.ts'
import { writeProject } from './project.ts'

/** Planted in the rows; each must be nowhere but where rows belong. */
const canaries = ['canary-7f3a', 'wren-5b0c', 'plum-91c2']

const project = {
  'people.csv': `email,score,colour
ada@example.com,1,red
ben@example.com,2,blue
canary-7f3a@example.com,3,red
wren-5b0c@example.com,99,plum-91c2
`,
  'traitline.ts': `
import { audience, csv, entity, env, postgres, project, source, sync, trait, userModel } from 'traitline'

const people = source('people', {
  table: 'raw.people',
  columns: { email: 'text', score: 'integer', colour: 'text' },
  load: csv('people.csv'),
})
const person = entity('person', { key: 'email', population: people })
const score = trait.continuous('score', { of: person, from: people.column('score') })
const ranged = trait.continuous('ranged', { of: person, from: people.column('score'), max: 10 })
const colour = trait.categorical('colour', { of: person, categories: ['red', 'blue'], from: people.column('colour') })
const everyone = audience('everyone', { of: person, where: score.gte(0) })
const model = userModel('person', { of: person, traits: [score] })
const fields = { email: 'text', score: 'number' } as const
const crm = postgres('crm', {
  url: env('CRM_URL'),
  tables: { people: { key: 'email', columns: fields }, log: { key: 'email', columns: fields } },
})
const map = { email: person.key, score }
export default project('canary', {
  assets: [
    ranged,
    colour,
    sync('to_people', { from: everyone, to: crm.table('people'), mode: 'mirror', map }),
    sync('to_log', { from: model, to: crm.table('log'), mode: 'insert', map }),
  ],
})
`,
}

/** Where rows are by purpose: the warehouse, loaded files, and PostgreSQL, whose schema is looked at row by row. */
const holdsRows = /^(warehouse\.duckdb|data\/|postgres\/)/

test('no value of a row is in anything but the warehouse and the destination', { timeout: 180_000 }, async () => {
  const home = await tempHome()
  const dev = await startCli(['dev', '--verbose'], { home, cwd: await writeProject(project) })
  await dev.line(/^Ctrl-C stops everything/)
  const stack = await stackOf(home)

  const crm = new Client({ connectionString: stack.variables['CRM_URL'] })
  await crm.connect()
  await crm.query(`
      create table people (email text primary key, score double precision check (score < 50));
      create table log (email text primary key, score double precision, check (email not like 'canary%'));
    `)
  const runs = [
    await runCli(['--verbose', 'materialize', '*'], { home }),
    await runCli(['--verbose', 'materialize', '*', '--force'], { home }),
  ]
  const shown = await runCli(['runs', 'list'], { home })
  const arrived = await crm.query('select email from people order by email')
  const logged = await crm.query('select email from log order by email')
  await crm.end()

  // The canaries were there, and each did what it was planted for.
  expect(arrived.rows.map(({ email }) => email)).toEqual([
    'ada@example.com',
    'ben@example.com',
    'canary-7f3a@example.com',
  ])
  expect(logged.rows.map(({ email }) => email)).toEqual(['ada@example.com', 'ben@example.com', 'wren-5b0c@example.com'])
  for (const { stdout, code } of runs) {
    expect(stdout).toMatch(/failed +trait\/ranged +TRAIT_INVALID/)
    expect(stdout).toMatch(/failed +trait\/colour +TRAIT_INVALID/)
    expect(stdout).toMatch(/done +sync\/to_people .*1 rejected/)
    expect(stdout).toMatch(/done +sync\/to_log .*1 rejected/)
    expect(code).toBe(1)
  }

  const record = new Client({ connectionString: stack.databaseUrl })
  await record.connect()
  const rows = await recordedRows(record)
  await record.end()
  expect(rows.some((row) => row.includes('check_violated'))).toBe(true)
  expect(holding(rows)).toEqual([])

  dev.interrupt()
  await dev.end()
  const said = [dev, ...runs, shown].flatMap(({ stdout, stderr }) => [stdout, stderr].flat())
  expect(holding(said)).toEqual([])

  const files = await filesOf(home)
  // This very search finds what is there: the histories name the assets.
  expect(files.find(({ path }) => path === 'temporal/temporal.db')?.bytes.includes('sync/to_people')).toBe(true)
  expect(files.filter(({ bytes }) => canaries.some((value) => bytes.includes(value))).map(({ path }) => path)).toEqual(
    [],
  )
})

function holding(texts: readonly string[]): string[] {
  return texts.filter((text) => canaries.some((value) => text.includes(value)))
}

/** Every row of every table of Traitline's own schema, as text. */
async function recordedRows(client: Client): Promise<string[]> {
  const tables = await client.query<{ name: string }>(
    "select quote_ident(tablename) as name from pg_tables where schemaname = 'traitline'",
  )
  expect(tables.rowCount).toBeGreaterThan(10)
  const found: string[] = []
  for (const { name } of tables.rows) {
    const { rows } = await client.query<{ row: string }>(`select t::text as row from traitline.${name} t`)
    found.push(...rows.map(({ row }) => `${name} ${row}`))
  }
  return found
}

async function filesOf(home: string): Promise<{ readonly path: string; readonly bytes: Buffer }[]> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(home, join(entry.parentPath, entry.name)))
    .filter((path) => !holdsRows.test(path))
  return Promise.all(paths.map(async (path) => ({ path, bytes: await readFile(join(home, path)) })))
}
