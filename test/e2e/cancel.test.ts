import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
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
import { runWorker } from '../../orchestrator/main/worker.ts'
import { packageRoot } from '../../orchestrator/process/index.ts'
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
      source: `import subprocess, time\nsubprocess.Popen(['sleep', '${below.kernel}'])\ntime.sleep(600)`,
      outputs: [],
      execution_count: null,
    },
  ],
})

function definitions(folder: string) {
  const people = source('people', { table: 'raw.people', columns: { id: 'text' }, load: csv('people.csv') })
  const person = entity('person', { key: 'id', population: people })
  const slow = dbt('slow', { path: 'dbt', sources: [people], models: { slow: { n: 'number' } } })
  const scores = notebook('scores', {
    ...{ path: 'scores.ipynb', of: person, inputs: { people }, output: { score: 'number' } },
  })
  const there = trait.boolean('there', { of: person, from: sql`select id, true as value from ${people}` })
  const everyone = audience('everyone', { of: person, where: there.isTrue() })
  const program = `sleep ${below.connector} & exec node ${join(packageRoot(), 'test/destinations/scripted.mjs')} "$@"`
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
    [wrapper]: `#!/bin/sh\nsleep ${below.dbt} &\nexec ${pythonBin('dbt')} "$@"\n`,
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
  const compiled = await compileProject({ dir, definitions: definitions(join(home, 'destination')), dbt: parser })
  const { manifest, hash: manifestHash } = compiled
  await store.revisions.deploy({ scope, manifest, manifestHash, diff: diffManifests(null, manifest), deployedBy: null })

  const stop = new AbortController()
  const warehouseUrl = `duckdb:${join(home, 'slow.duckdb')}`
  let working: Promise<void> = Promise.resolve()
  await new Promise<void>((ready, failed) => {
    working = runWorker({
      ...{ scopes: [scope], databaseUrl: database.url, temporal: { address: temporalAddress() }, warehouseUrl, home },
      ...{ projectDir: () => dir, pythonEnv: inject('pythonEnv'), dbtExecutable: wrapper },
      env: { PATH: process.env['PATH'], HOME: home },
      secret: () => undefined,
      verbose: false,
      onReady: ready,
      signal: stop.signal,
    })
    working.catch(failed)
  })
  const warehouse = createWarehouse({ url: warehouseUrl, home })
  return {
    store,
    launcher: createLauncher({ client: temporal.client, store }),
    manifest,
    queue: warehouseQueue(warehouse.id, scope),
    async close() {
      stop.abort()
      await working
      await warehouse.close()
      await temporal.close()
      await store.close()
      await database.drop()
      await rm(home, { recursive: true, force: true })
    },
  }
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

test.each(cases)(
  '%s and what it started are gone within 5 s of a cancellation, and the record is complete',
  { timeout: 180_000 },
  async (name, targets, asset, programs) => {
    const { store, launcher } = world
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
