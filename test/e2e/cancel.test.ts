import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'
import { createWarehouse } from '../../activities/warehouse/create-warehouse.ts'
import { warehouseQueue, type AssetKey, type Manifest } from '../../orchestrator/contract/index.ts'
import {
  airbyte,
  audience,
  command,
  csv,
  dbt,
  entity,
  notebook,
  project,
  source,
  sql,
  sync,
  trait,
} from '../../orchestrator/define/index.ts'
import { connectTemporal, createLauncher, newRunId, type Launcher } from '../../orchestrator/launch/index.ts'
import { packageRoot, startOwned, type OwnedProcess } from '../../orchestrator/process/index.ts'
import { compileProject, createDbtParser, diffManifests } from '../../orchestrator/project/index.ts'
import { createStore, migrate, type Store } from '../../orchestrator/store/index.ts'
import { freshDatabase } from '../harness/postgres.ts'
import { eventually } from '../harness/eventually.ts'
import { pythonBin } from '../harness/python.ts'
import { temporalAddress } from '../harness/temporal.ts'
import { processes } from './processes.ts'

/** What hangs below each program, for longer than any test; the number tells them apart. */
const below = { dbt: 86_301, kernel: 86_302, connector: 86_303 } as const

const slowModel = `{{ config(materialized='table') }}
select sum(a.range * b.range) as n from {{ source('raw', 'people') }}, range(2000000) a, range(2000000) b`

const notebookJson = JSON.stringify({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
  cells: [
    {
      id: 'only',
      cell_type: 'code',
      metadata: {},
      source: [
        'import os, signal, subprocess, time',
        "if os.path.exists(os.environ['HOME'] + '/stubborn'):",
        '    for polite in (signal.SIGINT, signal.SIGTERM): signal.signal(polite, signal.SIG_IGN)',
        `subprocess.Popen(['sleep', '${below.kernel}'])`,
        'time.sleep(600)',
      ].join('\n'),
      outputs: [],
      execution_count: null,
    },
  ],
})

/** What ignores the polite signals, where the file `stubborn` stands in its home, and keeps what it starts from them. */
const ignoring = '[ -f "$HOME/stubborn" ] && trap "" INT TERM'

function definitions(folder: string, home: string) {
  const people = source('people', { table: 'raw.people', columns: { id: 'text' }, load: csv('people.csv') })
  const person = entity('person', { key: 'id', population: people })
  const slow = dbt('slow', { path: 'dbt', sources: [people], models: { slow: { n: 'number' } } })
  const scores = notebook('scores', {
    ...{ path: 'scores.ipynb', of: person, inputs: { people }, output: { score: 'number' } },
  })
  const there = trait.boolean('there', { of: person, from: sql`select id, true as value from ${people}` })
  const everyone = audience('everyone', { of: person, where: there.isTrue() })
  const scripted = join(packageRoot(), 'test/destinations/scripted.mjs')
  // Node would mind the signals again that its starter ignores: the shell stays.
  const program = `HOME=${home}; ${ignoring}; [ "$1" = write ] && sleep ${below.connector} & node ${scripted} "$@"; code=$?; [ "$1" = write ] && wait; exit $code`
  const slowly = airbyte('slowly', {
    connector: command(['sh', '-c', program, 'slowly']),
    config: { folder },
    streams: { people: { fields: { id: 'text' }, key: 'id', modes: ['upsert'] } },
  })
  const send = sync('send', { from: everyone, to: slowly.stream('people'), mode: 'upsert', map: { id: person.key } })
  return project('slow', { assets: [slow, scores, send] })
}

interface World {
  readonly store: Store
  readonly launcher: Launcher
  readonly manifest: Manifest
  readonly queue: string
  /** Files under it are the test's switches. */
  readonly home: string
  worker: OwnedProcess
  startWorker(): Promise<OwnedProcess>
  close(): Promise<void>
}

let world: World
const scope = { environment: `cancel-${process.pid}`, project: 'slow' }

beforeAll(async () => {
  world = await open()
}, 120_000)
afterAll(() => world.close())

async function open(): Promise<World> {
  const home = await mkdtemp('/var/tmp/traitline-cancel-')
  const dir = join(home, 'project')
  const wrapper = join(home, 'bin/wrapped-dbt')
  const files: Readonly<Record<string, string>> = {
    [join(dir, 'people.csv')]: 'id\na\nb\n',
    [join(dir, 'scores.ipynb')]: notebookJson,
    [join(dir, 'dbt/dbt_project.yml')]: `name: slow\nversion: '1.0.0'\nconfig-version: 2\nprofile: whatever\n`,
    [join(dir, 'dbt/models/slow.sql')]: slowModel,
    [join(dir, 'dbt/models/sources.yml')]: 'sources:\n  - name: raw\n    tables: [{ name: people }]\n',
    [join(home, 'destination/script.json')]: JSON.stringify({ idempotent: true, acknowledges: 'hang' }),
    [wrapper]: `#!/bin/sh\n${ignoring}\nsleep ${below.dbt} &\nexec ${pythonBin('dbt')} "$@"\n`,
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  await chmod(wrapper, 0o755)

  const database = await freshDatabase()
  await migrate(database.url)
  const store = createStore({ url: database.url })
  const temporal = await connectTemporal({ address: temporalAddress() })
  const parser = createDbtParser({ dbtExecutable: pythonBin('dbt'), home, adapter: 'duckdb' })
  const compiled = await compileProject({ dir, definitions: definitions(join(home, 'destination'), home), dbt: parser })
  const { manifest, hash: manifestHash } = compiled
  await store.revisions.deploy({ scope, manifest, manifestHash, diff: diffManifests(null, manifest), deployedBy: null })

  const warehouseUrl = `duckdb:${join(home, 'slow.duckdb')}`
  const startWorker = () =>
    startOwned(
      process.execPath,
      [join(packageRoot(), 'dist/orchestrator/main/cli.js'), 'worker', '--location', `slow=${dir}`],
      {
        env: {
          ...{ PATH: process.env['PATH'], HOME: home, TRAITLINE_HOME: home, TRAITLINE_ENVIRONMENT: scope.environment },
          ...{ DATABASE_URL: database.url, TEMPORAL_ADDRESS: temporalAddress(), TRAITLINE_WAREHOUSE: warehouseUrl },
          ...{ TRAITLINE_PYTHON_ENV: inject('pythonEnv'), TRAITLINE_DBT: wrapper },
        },
      },
    )
  const warehouse = createWarehouse({ url: warehouseUrl, home })
  const opened: World = {
    ...{ store, home, startWorker, worker: await startWorker() },
    launcher: createLauncher({ client: temporal.client, store }),
    manifest,
    queue: warehouseQueue(warehouse.id, scope),
    async close() {
      await opened.worker.kill(20_000)
      await warehouse.close()
      await temporal.close()
      await store.close()
      await database.drop()
      await rm(home, { recursive: true, force: true })
    },
  }
  return opened
}

async function start(targets: readonly AssetKey[]): Promise<string> {
  const { launcher, manifest, queue } = world
  const run = newRunId()
  await launcher.startRun({
    ...{ scope, run, revision: 1, manifest, selection: 'test', targets, force: false, concurrency: 4 },
    warehouseQueue: queue,
  })
  return run
}

async function running(...words: readonly string[]): Promise<readonly string[]> {
  const lines = (await processes()).map(({ commandLine }) => commandLine)
  return words.filter((word) => lines.some((line) => line.includes(word)))
}

const cases: readonly [name: string, targets: readonly AssetKey[], asset: AssetKey, programs: readonly string[]][] = [
  ['dbt', ['source/people', 'model/slow/slow'], 'model/slow/slow', [`sleep ${below.dbt}`, '/bin/dbt ']],
  [
    'a notebook’s kernel',
    ['source/people', 'notebook/scores'],
    'notebook/scores',
    [`sleep ${below.kernel}`, 'traitline_notebook/kernel.py'],
  ],
  [
    'a connector',
    ['source/people', 'trait/there', 'audience/everyone', 'sync/send'],
    'sync/send',
    [`sleep ${below.connector}`, 'scripted.mjs write'],
  ],
]

afterEach(() => rm(join(world.home, 'stubborn'), { force: true }))

const bothWays = cases.flatMap(([name, ...rest]) =>
  [false, true].map((stubborn) => [stubborn ? `${name}, ignoring SIGTERM,` : name, stubborn, ...rest] as const),
)

test.each(bothWays)(
  '%s and what it started are gone within 5 s of a cancellation, and the record is complete',
  { timeout: 180_000 },
  async (name, stubborn, targets, asset, programs) => {
    const { store, launcher, home } = world
    if (stubborn) await writeFile(join(home, 'stubborn'), '')
    const run = await start(targets)
    await eventually(async () => (await running(...programs)).length === programs.length)
    const cancelled = performance.now()
    await launcher.cancelRun(scope, run)
    await eventually(async () => (await running(...programs)).length === 0)
    const gone = performance.now() - cancelled
    const row = await launcher.waitForRun(scope, run)
    console.log(
      `${name}: gone after ${(gone / 1_000).toFixed(1)} s, the run ended after ${((performance.now() - cancelled) / 1_000).toFixed(1)} s`,
    )
    expect(gone).toBeLessThan(5_000)
    expect(row).toMatchObject({ status: 'cancelled', counts: { cancelled: 1 } })
    const assets = await store.runs.assets(run)
    expect(assets.filter(({ endedAt }) => endedAt === null)).toEqual([])
    expect(assets.filter(({ status }) => status === 'cancelled').map((one) => one.asset)).toEqual([asset])
    expect(await store.assets.status(scope, asset)).toMatchObject({ status: 'cancelled' })
    const events = await store.events.after(0, { run }, 200)
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['asset_cancelled', 'run_finished'])
  },
)

test.each(cases)(
  '%s and what it started outlive a worker that was killed by less than 5 s, whatever they ignore',
  { timeout: 180_000 },
  async (_, targets, asset, programs) => {
    const { launcher, home } = world
    await writeFile(join(home, 'stubborn'), '')
    const run = await start(targets)
    await eventually(async () => (await running(...programs)).length === programs.length)
    process.kill(world.worker.pid, 'SIGKILL')
    const killed = performance.now()
    await eventually(async () => (await running(...programs)).length === 0)
    expect(performance.now() - killed).toBeLessThan(5_000)
    await launcher.cancelRun(scope, run)
    world.worker = await world.startWorker()
    expect(await launcher.waitForRun(scope, run)).toMatchObject({ status: 'cancelled' })
    const ended = performance.now()
    expect(await world.store.assets.status(scope, asset)).toMatchObject({ status: 'cancelled' })
    // Another attempt may have begun before the cancellation was told: it too ends within that time.
    await eventually(async () => (await running(...programs)).length === 0)
    expect(performance.now() - ended).toBeLessThan(5_000)
  },
)
