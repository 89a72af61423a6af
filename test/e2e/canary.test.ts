import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { runCli, startCli } from './cli.ts'
import { stackOf, tempHome } from './home.ts'
import { dbtProject, notebookOf, writeProject } from './project.ts'

/** Planted in the rows; each must be nowhere but where rows belong. */
const canaries = ['canary-7f3a', 'wren-5b0c', 'plum-91c2']

/** Tells every row that it gets in each way that it has, and fails. */
const destination = `
const say = (message) => console.log(JSON.stringify(message))
if (process.argv.includes('spec')) say({ type: 'SPEC', spec: { connectionSpecification: { type: 'object', properties: {} } } })
else for await (const chunk of process.stdin) {
  for (const line of String(chunk).split('\\n').filter((each) => each !== '')) {
    say({ type: 'LOG', log: { level: 'INFO', message: 'read ' + line } })
    console.log('not a message: ' + line)
    console.error('bad record ' + line)
  }
  say({ type: 'TRACE', trace: { type: 'ERROR', emitted_at: 1, error: { message: 'cannot take ' + chunk } } })
  process.exit(1)
}
`

const project = {
  'people.csv': `email,score,colour
ada@example.com,1,red
ben@example.com,2,blue
canary-7f3a@example.com,3,red
wren-5b0c@example.com,99,plum-91c2
`,
  'destination.mjs': destination,
  'raises.ipynb': notebookOf(
    'import traitline\npeople = traitline.table("people")\nraise ValueError(f"no model for {people.fetchall()}")',
  ),
  'dbt/dbt_project.yml': dbtProject,
  'dbt/models/sources.yml': 'version: 2\nsources:\n  - name: raw\n    tables: [{ name: people }]\n',
  'dbt/models/dated.sql': "select email, cast(email as date) as born from {{ source('raw', 'people') }}\n",
  'traitline.ts': `
import { airbyte, audience, command, csv, dbt, entity, env, notebook, postgres, project, source, sync, trait, userModel } from 'traitline'

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
const talks = airbyte('talks', {
  connector: command([process.execPath, \`\${import.meta.dirname}/destination.mjs\`]),
  config: {},
  streams: { people: { fields } },
})
const models = dbt('small', { path: 'dbt', sources: [people], models: { dated: { email: 'text', born: 'date' } } })
const born = trait.categorical('born', { of: person, categories: ['x'], from: models.model('dated').column('email') })
const raises = notebook('raises', { path: 'raises.ipynb', of: person, inputs: { people }, output: { churn: 'number' } })
const churn = trait.continuous('churn', { of: person, from: raises.column('churn') })
export default project('canary', {
  assets: [
    ranged,
    colour,
    born,
    churn,
    sync('to_talks', { from: everyone, to: talks.stream('people'), mode: 'append', map }),
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
    expect(stdout).toMatch(/failed +sync\/to_talks +CONNECTOR_/)
    expect(stdout).toMatch(/failed +model\/small\/dated +DBT_MODEL_FAILED/)
    expect(stdout).toMatch(/failed +notebook\/raises +NOTEBOOK_FAILED/)
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
