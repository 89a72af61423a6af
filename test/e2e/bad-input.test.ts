import { createServer, type AddressInfo } from 'node:net'
import { readdir } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../orchestrator/process/index.ts'
import { freshDatabase } from '../harness/postgres.ts'
import { tempDir } from '../harness/temp.ts'
import { runCli, startCli, type CliEnd } from './cli.ts'
import { fromWarehouse, tempHome, withDatabase } from './home.ts'
import { dbtProject, notebookOf, writeProject } from './project.ts'

const people = 'id,name,score\n1,Ada,3\n2,Ben,5\n3,Cleo,8\n'

/** Three destinations in one file, none of which does its work. */
const destination = `
const [how, operation] = process.argv.slice(2)
const say = (message) => console.log(JSON.stringify(message))
const connectionSpecification = { type: 'object', properties: {} }
if (operation === 'spec') say({ type: 'SPEC', spec: { connectionSpecification } })
else if (operation !== 'write') process.exit(1)
else if (how === 'exits') process.exit(7)
else if (how === 'garbage') for await (const line of process.stdin) console.log('all is well')
else for await (const line of process.stdin) say({ type: 'LOG', log: { level: 'INFO', message: 'read some' } })
`

const head = `
import { airbyte, audience, command, csv, dbt, entity, env, notebook, postgres, project, source, sql, sync, trait } from 'traitline'

const people = source('people', {
  table: 'raw.people',
  columns: { id: 'text', name: 'text', score: 'integer' },
  load: csv('people.csv'),
})
const person = entity('person', { key: 'id', population: people })
const score = trait.continuous('score', { of: person, from: people.column('score') })
`

const broken = {
  'people.csv': people,
  'destination.mjs': destination,
  'raises.ipynb': notebookOf(
    'import traitline\npeople = traitline.table("people")\nraise ValueError("no model today")',
  ),
  'dbt/dbt_project.yml': dbtProject,
  'dbt/models/sources.yml': `version: 2
sources:
  - name: raw
    tables: [{ name: people }]
`,
  'dbt/models/good.sql': "select id, score from {{ source('raw', 'people') }}\n",
  'dbt/models/broken.sql': "select id, shoe_size from {{ source('raw', 'people') }}\n",
  'dbt/models/behind.sql': "select id, shoe_size from {{ ref('broken') }}\n",
  'traitline.ts': `${head}
const tall = trait.boolean('tall', { of: person, from: sql\`select id, height > 180 as value from \${people}\` })
const giants = audience('giants', { of: person, where: tall.isTrue() })

const models = dbt('small', { path: 'dbt', sources: [people], models: { behind: { id: 'text', shoe_size: 'integer' } } })
const shoes = trait.continuous('shoes', { of: person, from: models.model('behind').column('shoe_size') })

const raises = notebook('raises', { path: 'raises.ipynb', of: person, inputs: { people }, output: { churn: 'number' } })
const churn = trait.continuous('churn', { of: person, from: raises.column('churn') })

const everyone = audience('everyone', { of: person, where: score.gte(0) })
const fields = { id: 'text' } as const
const to = (name: 'exits' | 'garbage' | 'silent') =>
  airbyte(name, {
    connector: command([process.execPath, \`\${import.meta.dirname}/destination.mjs\`, name]),
    config: {},
    streams: { people: { fields } },
  }).stream('people')
const map = { id: person.key }
const crm = postgres('crm', { url: env('CRM_URL'), tables: { people: { key: 'id', columns: fields } } })

export default project('broken', {
  assets: [
    giants, models, shoes, churn,
    sync('to_exits', { from: everyone, to: to('exits'), mode: 'append', map }),
    sync('to_garbage', { from: everyone, to: to('garbage'), mode: 'append', map }),
    sync('to_silent', { from: everyone, to: to('silent'), mode: 'append', map }),
    sync('to_crm', { from: everyone, to: crm.table('people'), mode: 'mirror', map }),
  ],
})
`,
}

const circle = {
  'people.csv': people,
  'dbt/dbt_project.yml': dbtProject,
  'dbt/models/sources.yml': `version: 2
sources:
  - name: traits
    schema: traitline_circle
    tables: [{ name: trait_rank }]
`,
  'dbt/models/ranked.sql': "select id, value as rank from {{ source('traits', 'trait_rank') }}\n",
  'traitline.ts': `${head}
const models = dbt('small', { path: 'dbt', models: { ranked: { id: 'text', rank: 'number' } } })
const rank = trait.continuous('rank', { of: person, from: models.model('ranked').column('rank') })
export default project('circle', { assets: [rank] })
`,
}

const misspelt = {
  'people.csv': people,
  'traitline.ts': `${head}
const name = trait.continuous('shade', { of: person, from: people.column('scroe' as 'score') })
export default project('misspelt', { assets: [name] })
`,
}

const untyped = {
  'people.csv': people,
  'traitline.js': `
import { project, source, trait } from 'traitline'
const people = source('people', { tabel: 'raw.people', columns: { id: 'text' } })
export default project('untyped', { assets: [people] })
`,
}

/** One error with its fix, and nothing of how the program is made. */
function expectClear(
  { code, stderr, stdout }: CliEnd,
  expected: { readonly code: number; readonly says: RegExp },
): void {
  expect(stderr).toMatch(expected.says)
  expect(stderr.match(/^error [A-Z_]+: /gm)).toHaveLength(1)
  expect(stderr).toMatch(/^ {2}fix: \S/m)
  expect(`${stdout}\n${stderr}`).not.toMatch(/^\s+at |INTERNAL|undefined/m)
  expect(code).toBe(expected.code)
}

test('what fails says why, fails what is downstream of it, and nothing else', { timeout: 240_000 }, async () => {
  const home = await tempHome()
  const dev = await startCli(['dev'], { home, cwd: await writeProject(broken) })
  await dev.line(/^Ctrl-C stops everything/)

  const run = await runCli(['materialize', '*'], { home })
  const lines = run.stdout.split('\n')
  const fates = Object.fromEntries(
    lines.flatMap((line) => {
      const [, fate, key] = /^ {2}(done|failed|not run|fresh) +(\S+\/\S+)/.exec(line) ?? []
      return fate === undefined || key === undefined ? [] : [[key, fate] as const]
    }),
  )
  expect(fates).toEqual({
    'source/people': 'done',
    'trait/score': 'done',
    'trait/tall': 'failed',
    'audience/giants': 'not run',
    'model/small/good': 'done',
    'model/small/broken': 'failed',
    'model/small/behind': 'not run',
    'trait/shoes': 'not run',
    'notebook/raises': 'failed',
    'trait/churn': 'not run',
    'audience/everyone': 'done',
    'sync/to_exits': 'failed',
    'sync/to_garbage': 'failed',
    'sync/to_silent': 'failed',
    'sync/to_crm': 'done',
  })
  const said = (key: string): string => {
    const start = lines.findIndex((line) => line.includes(` ${key} `))
    const end = lines.findIndex((line, index) => index > start && /^ {2}\S|^run /.test(line))
    return lines.slice(start, end).join('\n')
  }
  const reasons: Readonly<Record<string, RegExp>> = {
    'trait/tall': /height/,
    'audience/giants': /not run +audience\/giants +trait\/tall: There is no column height$/,
    'model/small/behind': / model\/small\/broken: dbt could not build model\/small\/broken.*$/,
    'model/small/broken':
      /DBT_MODEL_FAILED: .*model\/small\/broken[\s\S]*shoe_size[\s\S]*fix: .*dbt\/models\/broken\.sql/,
    'notebook/raises': /NOTEBOOK_FAILED: .*raises\.ipynb raised ValueError in cell \[\d+\]: no model today\n +fix: /,
    'sync/to_exits': /CONNECTOR_EXITED: .*exit code 7/,
    'sync/to_garbage': /CONNECTOR_GARBAGE: .*no Airbyte messages/,
    'sync/to_silent': /CONNECTOR_UNACKNOWLEDGED: .*without having acknowledged/,
  }
  for (const [key, reason] of Object.entries(reasons)) expect(said(key)).toMatch(reason)
  for (const [key, fate] of Object.entries(fates)) if (fate === 'failed') expect(said(key)).toMatch(/^ +fix: \S/m)
  expect(run.stdout).toMatch(/^run \S+ failed in .*6 failed, 5 materialized, 4 upstream failed$/m)
  expect(run.stderr).toBe('')
  expect(run.stdout).not.toMatch(/^\s+at |INTERNAL|Traceback/m)
  expect(run.code).toBe(1)

  expectClear(await runCli(['deploy', '--project', await writeProject(circle)], { home }), {
    code: 2,
    says: /model\/small\/ranked -> trait\/rank -> model\/small\/ranked|trait\/rank -> model\/small\/ranked -> trait\/rank/,
  })
  expectClear(await runCli(['deploy', '--project', await writeProject(misspelt)], { home }), {
    code: 2,
    says: /trait\/shade \(traitline\.ts:\d+\): source\/people has no column scroe\. Did you mean score\?/,
  })
  expectClear(await runCli(['deploy', '--project', await writeProject(untyped)], { home }), {
    code: 2,
    says: /source\/people \(traitline\.js:3\): unknown option tabel\. Did you mean table\?/,
  })
  expectClear(await runCli(['materialize', 'trait/scroe'], { home }), {
    code: 2,
    says: /SELECTION_EMPTY: no asset matches "trait\/scroe"[\s\S]*fix: Did you mean trait\/score\?/,
  })
  expectClear(await runCli(['materialize', 'kind:trait and kind:sync'], { home }), {
    code: 2,
    says: /SELECTION_EMPTY: .*kind:trait and kind:sync/,
  })

  dev.interrupt()
  await dev.end()
  expect([...dev.stdout, ...dev.stderr].join('\n')).not.toMatch(/^\s+at |INTERNAL|Traceback/m)
  await expectNothingHalfRecorded(home, fates)
})

async function expectNothingHalfRecorded(home: string, fates: Readonly<Record<string, string>>): Promise<void> {
  const done = Object.keys(fates).filter((key) => fates[key] === 'done')
  await withDatabase(home, 'traitline', async (query) => {
    const materialized = await query(
      'select key from traitline.materialization join traitline.asset on asset.id = asset_id',
    )
    expect(materialized.map(({ key }) => key).sort()).toEqual(done.sort())
    const projects = await query(
      'select distinct project from traitline.revision join traitline.scope on id = scope_id',
    )
    expect(projects).toEqual([{ project: 'broken' }])
    expect(await query('select 1 from traitline.run')).toHaveLength(1)
    expect(await query("select 1 from traitline.sync_run where status in ('frozen', 'sending')")).toEqual([])
    expect(await query("select 1 from traitline.sync_batch where state = 'intent'")).toEqual([])
  })
  const tables = await fromWarehouse(
    home,
    "select table_schema || '.' || table_name from information_schema.tables where table_schema <> 'traitline_meta' order by 1",
  )
  expect(tables.filter((table) => !/_sync\./.test(table))).toEqual([
    'dbt_small.good',
    'raw.people',
    'traitline_broken.audience_everyone',
    'traitline_broken.trait_score',
  ])
}

const tiny = { 'people.csv': people, 'traitline.ts': `${head}\nexport default project('tiny', { assets: [score] })\n` }

test('a command that is none, and a project that is none', { timeout: 60_000 }, async () => {
  const home = await tempHome()
  const unknown = await runCli(['materialise', '*'], { home })
  expect(unknown.stderr).toMatch(/unknown command 'materialise'[\s\S]*materialize/)
  expect(unknown.stderr).not.toMatch(/^\s+at /m)
  expect(unknown.code).toBe(2)
  const empty = await tempDir()
  expectClear(await runCli(['dev'], { home, cwd: empty }), {
    code: 2,
    says: new RegExp(`no traitline\\.ts in ${empty}`),
  })
  expectClear(await runCli(['materialize', '*'], { home, cwd: empty }), { code: 1, says: /no stack runs on/ })
  expect(await readdir(empty)).toEqual([])
})

test('a port in use is named before anything is started', { timeout: 60_000 }, async () => {
  const home = await tempHome()
  const cwd = await writeProject(tiny)
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  for (const variable of ['TRAITLINE_PORT', 'TRAITLINE_POSTGRES_PORT', 'TRAITLINE_TEMPORAL_PORT']) {
    const ended = await runCli(['dev'], { home, cwd, env: { [variable]: String(port) } })
    expectClear(ended, { code: 1, says: new RegExp(`PORT_IN_USE: port ${port} of ${variable} is in use`) })
    expect(ended.stdout).toBe('')
  }
})

test('a Python that is missing is named', { timeout: 60_000 }, async () => {
  const env = { TRAITLINE_PYTHON: '/nonexistent/python3', TRAITLINE_PYTHON_ENV: await tempDir() }
  const ended = await runCli(['dev'], { home: await tempHome(), cwd: await writeProject(tiny), env })
  expectClear(ended, { code: 1, says: /PYTHON_MISSING: .*\/nonexistent\/python3 does not run[\s\S]*TRAITLINE_PYTHON/ })
})

test('a PostgreSQL or a Temporal that cannot be reached is named', { timeout: 60_000 }, async () => {
  const home = await tempHome()
  const cwd = await writeProject(tiny)
  const closed = await freePort()
  const database = await freshDatabase()
  onTestFinished(() => database.drop())
  const temporal = { TEMPORAL_ADDRESS: `127.0.0.1:${closed}` }
  const nowhere = { DATABASE_URL: `postgres://me:hush@127.0.0.1:${closed}/records`, ...temporal }
  const somewhere = { DATABASE_URL: database.url, ...temporal }
  for (const args of [['dev'], ['materialize', '*']]) {
    const withoutDatabase = await runCli(args, { home, cwd, env: nowhere })
    const says = new RegExp(`STORE_UNREACHABLE: the database 127\\.0\\.0\\.1:${closed}/records cannot be reached`)
    expectClear(withoutDatabase, { code: 1, says })
    expect(withoutDatabase.stderr).not.toContain('hush')
    expectClear(await runCli(args, { home, cwd, env: somewhere }), {
      code: 1,
      says: new RegExp(`TEMPORAL_UNREACHABLE: .*127\\.0\\.0\\.1:${closed}`),
    })
  }
})
