import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { LogPage, RunPage } from '../../orchestrator/server/api.ts'
import { eventually } from '../harness/eventually.ts'
import { runCli, startCli } from './cli.ts'
import { tempHome } from './home.ts'
import { dbtProject, notebookOf, writeProject } from './project.ts'

/** Says what it does as Airbyte has it and beside it, and takes all. */
const destination = `
const say = (message) => console.log(JSON.stringify(message))
if (process.argv.includes('spec')) say({ type: 'SPEC', spec: { connectionSpecification: { type: 'object', properties: {} } } })
else {
  say({ type: 'LOG', log: { level: 'INFO', message: 'the destination is ready' } })
  console.error('the destination says it beside')
  let rest = ''
  for await (const chunk of process.stdin) {
    const lines = (rest + chunk).split('\\n')
    rest = lines.pop()
    for (const line of lines.filter((each) => each !== '')) {
      const message = JSON.parse(line)
      if (message.type === 'STATE') say(message)
    }
  }
}
`

/** Of two cells: the second waits until the file is there. */
function waiting(gate: string): string {
  const first = JSON.parse(notebookOf('print("<i>the notebook began</i>")')) as { readonly cells: object[] }
  const second = JSON.parse(
    notebookOf(`import os, time, traitline
end = time.time() + 90
while not os.path.exists(${JSON.stringify(gate)}) and time.time() < end:
    time.sleep(0.05)
traitline.output(traitline.table("people").set_index("email")[["score"]])`),
  ) as { readonly cells: readonly object[] }
  first.cells.push({ ...second.cells[0], id: 'two' })
  return JSON.stringify(first)
}

const project = {
  'people.csv': 'email,score\nada@example.com,1\nben@example.com,2\n',
  'destination.mjs': destination,
  'dbt/dbt_project.yml': dbtProject,
  'dbt/models/sources.yml': 'version: 2\nsources:\n  - name: raw\n    tables: [{ name: people }]\n',
  'dbt/models/counted.sql':
    "{{ log('the model speaks', info=true) }} select email, score from {{ source('raw', 'people') }}\n",
  'traitline.ts': `
import { airbyte, audience, command, csv, dbt, entity, notebook, project, source, sync, trait } from 'traitline'

const people = source('people', {
  table: 'raw.people',
  columns: { email: 'text', score: 'integer' },
  load: csv('people.csv'),
})
const models = dbt('small', { path: 'dbt', sources: [people], models: { counted: { email: 'text', score: 'integer' } } })
const person = entity('person', { key: 'email', population: people })
const score = trait.continuous('score', { of: person, from: models.model('counted').column('score') })
const waits = notebook('waits', { path: 'waits.ipynb', of: person, inputs: { people }, output: { score: 'number' } })
const guessed = trait.continuous('guessed', { of: person, from: waits.column('score') })
const everyone = audience('everyone', { of: person, where: score.gte(0) })
const talks = airbyte('talks', {
  connector: command([process.execPath, \`\${import.meta.dirname}/destination.mjs\`]),
  config: {},
  streams: { people: { fields: { email: 'text', score: 'number' } } },
})
const map = { email: person.key, score }
export default project('logged', {
  assets: [guessed, sync('to_talks', { from: everyone, to: talks.stream('people'), mode: 'append', map })],
})
`,
}

test(
  'what dbt, a notebook and a connector print is streamed while they work, kept, and can be downloaded',
  { timeout: 300_000 },
  async () => {
    const home = await tempHome()
    const folder = await writeProject({})
    const gate = join(folder, 'open')
    const cwd = await writeProject({ ...project, 'waits.ipynb': waiting(gate) })
    const dev = await startCli(['dev'], { home, cwd })
    await dev.line(/^Ctrl-C stops everything/)
    const run = (...args: string[]) => runCli(args, { home, cwd })
    const materialize = await startCli(['materialize', '*'], { home, cwd })
    const runs = async () => (JSON.parse((await run('runs', '--json')).stdout) as RunPage).items
    await eventually(async () => (await runs()).length === 1)

    // While the notebook waits, what was told of it is there. What it prints may be rows: it is in its own file alone.
    const follows = await startCli(['logs', 'latest', '-f'], { home, cwd })
    await follows.line(/^notebook\/waits +cell 1: /)
    const [, server = '', id = ''] =
      /^(http:\S+)\/runs\/(\S+)/.exec((await run('open', 'latest', '--print')).stdout) ?? []
    const logs = `${server}/api/v1/runs/${id}/logs/notebook%2Fwaits`
    const live = await fetch(`${logs}/stream`, { signal: AbortSignal.timeout(30_000) })
    let streamed = ''
    const decoder = new TextDecoder()
    for await (const chunk of live.body!) {
      streamed += decoder.decode(chunk as Uint8Array, { stream: true })
      if (streamed.includes('cell 1: ')) break
    }
    expect(streamed).not.toContain('cell 2: ')
    await writeFile(gate, '')
    await materialize.line(/^run \S+ succeeded/)
    await follows.end()
    expect(follows.stdout.join('\n')).toMatch(/^notebook\/waits +cell 2: /m)

    // Afterwards it is kept, of each of the three, as it was printed.
    expect((await runs())[0]).toMatchObject({ run: id, status: 'succeeded' })
    const page = async (step: string): Promise<LogPage> =>
      (await (
        await fetch(`${server}/api/v1/runs/${id}/logs/${encodeURIComponent(step)}?limit=1000`, {
          headers: { accept: 'application/json' },
        })
      ).json()) as LogPage
    const linesOf = async (step: string) => (await page(step)).lines.map(({ stream, text }) => `${stream} ${text}`)
    const told = await linesOf('notebook/waits')
    expect(told).toEqual([expect.stringMatching(/^stdout cell 1: /), expect.stringMatching(/^stdout cell 2: /)])
    expect((await linesOf('dbt/small')).join('\n')).toMatch(/the model speaks/)
    expect((await linesOf('dbt/small')).join('\n')).toMatch(/counted/)
    expect((await linesOf('sync/to_talks')).join('\n')).toMatch(
      /the destination is ready[\s\S]*the destination says it beside/,
    )
    expect((await run('logs', 'latest', 'dbt/small')).stdout).toMatch(/the model speaks/)
    expect((await run('logs', 'latest', 'sync/to_talks')).stdout).toMatch(/the destination is ready/)

    const file = await fetch(`${logs}/file`)
    expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="[\w.-]+-notebook-waits\.log"$/)
    expect(await file.text()).toMatch(/^\S+Z stdout +cell 1: /m)
    expect(await (await fetch(`${logs}/file?format=ndjson`)).text()).toMatch(/"text":"cell 1: /)
    const notebook = await fetch(`${server}/api/v1/runs/${id}/steps/notebook%2Fwaits/notebook?format=html`)
    expect(await notebook.text()).toContain('&lt;i&gt;the notebook began&lt;/i&gt;')
    expect((await run('logs', 'latest', '--events')).stdout).toMatch(/asset_materialized/)
  },
)
