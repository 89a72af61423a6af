import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot, spawnOwned } from '../../orchestrator/process/index.ts'
import { eventually } from '../harness/eventually.ts'
import { runCli, startCli } from './cli.ts'
import { emptyFolder, install, pack } from './package.ts'
import { descendants, processes } from './processes.ts'

test('a new user installs the package, makes a project and runs it', { timeout: 300_000 }, async () => {
  const folder = await emptyFolder()
  const packed = await pack(folder)
  const paths = packed.files.map(({ path }) => path)
  expect(paths.filter((path) => /\.(?:map|csv)$|\.(?:test|test-d|fixture|cases)\.|(?:^|\/)test\//.test(path))).toEqual(
    [],
  )
  expect([...new Set(paths.map((path) => path.split('/')[0]))].sort()).toEqual([
    'LICENSE',
    'README.md',
    ...['activities', 'connectors', 'dist', 'examples', 'orchestrator', 'package.json'],
  ])
  expect(packed.size).toBeLessThan(2_000_000)
  await install(folder, join(folder, packed.filename))

  // No TRAITLINE_HOME: as for the user, it is in the project's folder.
  const shop = join(folder, 'shop')
  const npx = { program: ['npx', '--no', '--', 'traitline'], home: '', cwd: shop } as const
  expect(await runCli(['init', 'shop'], { ...npx, cwd: folder })).toMatchObject({ code: 0 })
  await askForLessData(shop)
  expect(await compilerErrors(shop)).toEqual([])

  const dev = await startCli(['dev'], npx)
  const [, url] = await dev.line(/^ {2}Traitline +(\S+)/)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect(await (await fetch(`${url}/`)).text()).toContain('<title>Traitline</title>')

  // dbt, the notebook and a destination; Slack's pace would take another half a minute.
  const run = await runCli(['materialize', '+sync/customers_to_crm', '+audience/at_risk'], npx)
  expect(`${run.stdout}${run.stderr}`).toMatch(/sync\/customers_to_crm +1000 sent[^]*run \S+ succeeded/)
  expect(run.code).toBe(0)
  expect((await runCli(['list'], npx)).stdout).toMatch(/^audience\/at_risk +materialized /m)
  expect((await runCli(['runs'], npx)).lines).toEqual([expect.stringMatching(/ succeeded .*\+sync\/customers_to_crm/)])

  const definitions = join(shop, 'traitline.ts')
  await writeFile(definitions, (await readFile(definitions, 'utf8')).replace('.gte(0.5)', '.gte(0.6)'))
  const deployed = await runCli(['deploy'], npx)
  expect(deployed.stdout).toMatch(/^revision 2 of shop [^]*audience\/at_risk/)

  const started = await descendants(dev.process.pid)
  expect(started.length).toBeGreaterThanOrEqual(4)
  // As Ctrl-C in a terminal does: to the whole group.
  process.kill(-dev.process.pid, 'SIGINT')
  await dev.end()
  expect(dev.stdout.at(-1)).toBe('stopping')
  // What ends the children of a process that died waits for its end, and so outlives it by a moment.
  const pids = new Set(started.map(({ pid }) => pid))
  await eventually(async () => (await processes()).every(({ pid }) => !pids.has(pid)))
})

/** What to simulate is the project's own affair; less of it is made and materialised sooner. */
async function askForLessData(project: string): Promise<void> {
  const file = join(project, 'package.json')
  const text = await readFile(file, 'utf8')
  const less = text.replace('"customers": 23570', '"customers": 1000').replace('"events": 80000', '"events": 4000')
  await writeFile(file, less)
}

/** What the compiler says of a project under its own tsconfig.json and the package's declarations. */
async function compilerErrors(project: string): Promise<string[]> {
  const said: string[] = []
  await spawnOwned(process.execPath, [join(packageRoot(), 'node_modules/typescript/bin/tsc'), '-p', '.'], {
    cwd: project,
    env: {},
    timeoutMs: 60_000,
    onStdoutLine: (line) => said.push(line),
  })
  return said
}
