import { expect, test } from 'vitest'
import { runCli, startCli } from './cli.ts'
import { tempHome } from './home.ts'
import { notebookOf, writeProject } from './project.ts'

const project = {
  'people.csv': 'email,score\nada@example.com,1\nben@example.com,2\n',
  'notebooks/guess.ipynb': notebookOf(
    'import traitline\ndf = traitline.table("people").set_index("email")[["score"]]\nprint("<b>hello</b>")\ntraitline.output(df)',
  ),
  'traitline.ts': `
import { audience, csv, entity, env, notebook, postgres, project, source, sync, trait } from 'traitline'

const people = source('people', {
  table: 'raw.people',
  columns: { email: 'text', score: 'integer' },
  load: csv('people.csv'),
})
const person = entity('person', { key: 'email', population: people })
const score = trait.continuous('score', { of: person, from: people.column('score') })
const guess = notebook('guess', {
  path: 'notebooks/guess.ipynb',
  of: person,
  inputs: { people },
  output: { score: 'number' },
})
const guessed = trait.continuous('guessed', { of: person, from: guess.column('score') })
const high = audience('high', { of: person, where: score.gte(2) })
const crm = postgres('crm', {
  url: env('CRM_URL'),
  tables: { people: { key: 'email', columns: { email: 'text', score: 'number' } } },
})
const map = { email: person.key, score }
export default project('small', {
  assets: [guessed, sync('to_crm', { from: high, to: crm.table('people'), mode: 'mirror', map })],
})
`,
}

test('each command that looks says what is there, to people and to programs', { timeout: 300_000 }, async () => {
  const home = await tempHome()
  const cwd = await writeProject(project)
  const before = await runCli(['doctor'], { home, cwd })
  expect(before.stdout).toMatch(/^ok {4}node /m)
  expect(before.stdout).toMatch(/^warn {2}stack .*\n +fix: .*traitline dev/m)
  expect(before.code).toBe(0)

  const dev = await startCli(['dev'], { home, cwd })
  await dev.line(/^Ctrl-C stops everything/)
  const run = (...args: string[]) => runCli(args, { home, cwd })
  const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout) as never

  const first = await run('plan')
  expect(first.stdout).toMatch(/^\+ source\/people {2}never materialised/m)
  expect(first.stdout).toMatch(/^6 assets to run, 0 fresh$/m)
  expect(((await json('plan')) as { counts: object }).counts).toMatchObject({ certain: 6 })

  expect((await run('materialize', '*')).code).toBe(0)
  const again = await run('plan', 'audience/high+')
  expect(again.stdout).toMatch(/0 assets to run|2 fresh/)

  // A change that is not deployed: what would it make stale?
  const changed = project['traitline.ts'].replace('score.gte(2)', 'score.gte(1)')
  const other = await writeProject({ ...project, 'traitline.ts': changed })
  const local = await runCli(['plan', '--local'], { home, cwd: other })
  expect(local.stdout).toMatch(/^ {2}changed audience\/high$/m)
  expect(local.stdout).toMatch(/^\+ audience\/high {2}its definition changed/m)
  expect(local.stdout).toMatch(/where\.test\.value\n +-2\n +\+1/)
  expect(local.stdout).toMatch(/^\? sync\/to_crm {2}audience\/high may change/m)
  const diff = await runCli(['diff'], { home, cwd: other })
  expect(diff.stdout).toMatch(/^~ audience\/high\n +where\.test\.value\n +-2\n +\+1/m)

  expect((await run('assets')).stdout).toMatch(/^audience\/high +materialized +1 /m)
  expect(((await json('assets', 'list', 'kind:trait')) as { items: object[] }).items).toHaveLength(2)
  const shown = await run('assets', 'show', 'high')
  expect(shown.stdout).toMatch(/^audience\/high {2}materialized/)
  expect(shown.stdout).toMatch(/^read by +sync\/to_crm/m)
  expect(await json('assets', 'show', 'audience/high')).toMatchObject({
    asset: { key: 'audience/high' },
    materializations: [{ rows: 1 }],
    syncs: null,
  })
  const mistyped = await run('assets', 'show', 'audience/hihg')
  expect(mistyped.stderr).toContain('Did you mean audience/high?')
  expect(mistyped.code).toBe(2)

  expect((await run('runs', 'show', 'latest')).stdout).toMatch(/^sync\/to_crm +materialized +1 sent/m)
  expect(((await json('runs')) as { items: object[] }).items).toHaveLength(1)
  expect((await run('sync')).stdout).toMatch(/^sync\/to_crm +materialized +mirror +1 +0/m)
  expect(await json('sync', 'show', 'to_crm')).toMatchObject({ items: [{ accepted: 1, rejected: 0 }] })

  const dry = await run('sync', 'dry-run', 'to_crm')
  expect(dry.stdout).toMatch(/^sync\/to_crm \(mirror\), revision 1: nothing was sent\n\+ 0 rows added/)
  expect(await json('sync', 'dry-run', 'to_crm', '--reveal')).toMatchObject({
    counts: { desired: 1, unchanged: 1 },
    masked: false,
  })

  expect((await run('logs', 'latest', 'notebook/guess')).stdout).toMatch(/^cell 1: /m)
  expect((await run('logs', 'latest', '-f')).stdout).toMatch(/^notebook\/guess {2}cell 1: /m)
  expect((await run('logs', 'latest', '--events')).stdout).toMatch(/run_finished/)
  const wrong = await run('logs', 'latest', 'notebook/gues')
  expect(wrong.stderr).toContain('Did you mean notebook/guess?')

  const { stdout: page } = await run('open', 'latest', '--print')
  const [, server = '', id = ''] = /^(http:\S+)\/runs\/(\S+)/.exec(page) ?? []
  const notebook = await fetch(`${server}/api/v1/runs/${id}/steps/notebook%2Fguess/notebook?format=html`)
  expect(await notebook.text()).toContain('&lt;b&gt;hello&lt;/b&gt;')

  expect((await run('complete', '--', 'assets', 'show', 'aud')).stdout).toBe('audience/high')
  expect((await run('complete', '--', 'runs', 'show', id.slice(0, 8))).stdout).toBe(id)
  expect((await run('complete', '--', 'mater')).stdout).toBe('materialize')
  expect((await run('materialise', '*')).stderr).toContain('materialize')

  const explained = await run('explain', 'high')
  expect(explained.stdout).toMatch(/^audience\/high {2}materialized {2}materialised /)
  expect(explained.stdout).toMatch(/^= audience\/high {2}fresh$/m)
  expect((await run('wipe', 'audience/high')).stderr).toContain('--yes')
  expect(((await json('explain', 'high')) as { asset: object }).asset).toMatchObject({ status: 'materialized' })
  expect((await run('wipe', 'audience/high', '--yes')).stdout).toBe('audience/high  wiped')
  expect(await json('wipe', 'audience/high', '--yes')).toEqual({ wiped: [] })
  expect((await run('explain', 'high')).stdout).toMatch(/^\+ audience\/high {2}never materialised/m)
  expect((await run('materialize', '*', '--config', 'notebook/guess.x=1')).stderr).toContain('has no parameter x')

  const doctor = await run('doctor', '--probe')
  expect(doctor.stdout).not.toMatch(/^fail/m)
  expect(doctor.stdout).toMatch(/^ok {4}fairness +is on: tried/m)
  expect(doctor.stdout).toMatch(/^ok {4}connector crm +starts/m)
  expect(doctor.code).toBe(0)
  dev.interrupt()
  await dev.end()
})
