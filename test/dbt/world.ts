import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { MockActivityEnvironment } from '@temporalio/testing'
import { onTestFinished } from 'vitest'
import { createDbtActivities } from '../../activities/dbt/index.ts'
import { createWarehouse } from '../../activities/warehouse/create-warehouse.ts'
import type { Warehouse } from '../../activities/warehouse/warehouse.ts'
import type {
  AssetKey,
  AssetOutcome,
  Manifest,
  RetryPolicy,
  StepInput,
  StepOutcome,
} from '../../orchestrator/contract/index.ts'
import { dbt, entity, project, source, sql, trait } from '../../orchestrator/define/index.ts'
import type { ParseDbt } from '../../orchestrator/project/dbt/parse.ts'
import { compileProject, createDbtParser } from '../../orchestrator/project/index.ts'
import type { Dialect } from '../../orchestrator/sql/index.ts'
import type { Store } from '../../orchestrator/store/index.ts'
import { quietEnvironment } from '../harness/activity.ts'
import { pythonBin } from '../harness/python.ts'
import { tempDir } from '../harness/temp.ts'
import { freshStore, materializationOf, scope } from '../store/fresh-store.ts'

/** A small dbt project and its warehouse, whose models tests rewrite between builds. */
export interface DbtWorld {
  readonly store: Store
  readonly warehouse: Warehouse
  readonly home: string
  readonly dbtFolder: string
  /** Writes files of the dbt project: a model's text is its code version. */
  write(files: Readonly<Record<string, string>>): Promise<void>
  /** Puts these people into the source's table, and records it. */
  people(rows: readonly (readonly [id: number, name: string | null, age: string])[]): Promise<void>
  /** One run of the step with these models; outcomes by key. */
  build(options?: BuildOptions): Promise<Record<AssetKey, AssetOutcome>>
  lastRun(): string
}

export interface BuildOptions {
  readonly models?: readonly string[]
  readonly force?: boolean
  readonly run?: string
  readonly dbtExecutable?: string
  readonly environment?: MockActivityEnvironment
  readonly retry?: RetryPolicy
}

const dbtProjectYml = `name: tiny
version: '1.0.0'
config-version: 2
profile: whatever
models:
  +materialized: table
`

/** In topological order. */
const modelNames = ['people', 'unrelated', 'adults', 'counts']

const defaults: Readonly<Record<string, string>> = {
  'dbt_project.yml': dbtProjectYml,
  'models/sources.yml': `sources:
  - name: raw
    tables: [{ name: people }]
`,
  'models/people/people.sql': `select id, name, age from {{ source('raw', 'people') }}`,
  // In a folder of another model's name: a bare selector would take it along.
  'models/people/unrelated.sql': `select 1 as one`,
  'models/adults.sql': `{{ config(materialized='view') }} select id, name from {{ ref('people') }} where cast(age as integer) >= 18`,
  'models/counts.sql': `select count(*) as n, '{{ var("traitline_as_of") }} {{ var("traitline_time_zone") }}' as seen from {{ ref('adults') }}`,
  'models/models.yml': `models:
  - name: people
    columns:
      - name: id
        data_tests: [unique]
      - name: name
        data_tests: [{ not_null: { config: { severity: warn } } }]
`,
}

const people = source('people', { table: 'raw.people', columns: { id: 'integer', name: 'text', age: 'text' } })
const person = entity('person', { key: 'id', type: 'integer' })

export async function dbtWorld(dialect: Dialect): Promise<DbtWorld> {
  const home = await tempDir()
  const { store, url } = await freshStore()
  const warehouse = createWarehouse({ url: dialect === 'postgres' ? url : `duckdb:${join(home, 'tiny.duckdb')}`, home })
  onTestFinished(() => warehouse.close())
  const dbtFolder = join(home, 'project/dbt')
  const files: Record<string, string> = {}
  const write = async (changed: Readonly<Record<string, string>>): Promise<void> => {
    for (const [path, text] of Object.entries(changed)) {
      files[path] = text
      await mkdir(dirname(join(dbtFolder, path)), { recursive: true })
      await writeFile(join(dbtFolder, path), text)
    }
  }
  await write(defaults)
  const dbtProject = dbt('tiny', { path: 'dbt', sources: [people] })
  const adult = trait.boolean('adult', {
    of: person,
    from: sql`select id, true as value from ${dbtProject.model('adults')}`,
  })
  const definitions = project('shop', {
    timeZone: 'Europe/Paris',
    asOf: '2020-01-01T00:00:00Z',
    assets: [dbtProject, adult],
  })
  const parse = rememberedParse(files, createDbtParser({ dbtExecutable: pythonBin('dbt'), home }))
  const compile = async (): Promise<Manifest> =>
    (await compileProject({ dir: join(home, 'project'), definitions, dbt: parse })).manifest
  let manifest = await compile()

  let runs = 0
  let lastRun = ''
  const newRun = async (keys: readonly AssetKey[], options: BuildOptions = {}): Promise<StepInput> => {
    const run = options.run ?? `run-${++runs}`
    lastRun = run
    const assets = keys.map((key) => ({ key, reasons: [{ type: 'never_materialized' as const }], deps: [] }))
    const retry = options.retry === undefined ? {} : { retry: options.retry }
    const step = { id: 'dbt/tiny', workflow: 'buildDbtModels' as const, assets, after: [], ...retry }
    const force = options.force ?? false
    await store.assets.register(scope, manifest.assets)
    await store.runs.create({ scope, run, revision: 1, selection: '*', targets: keys, force })
    await store.runs.savePlan(run, { steps: [step], fresh: [] })
    return { ...scope, run, revision: 1, warehouseQueue: 'w', force, step }
  }

  return {
    store,
    warehouse,
    home,
    dbtFolder,
    async write(changed) {
      await write(changed)
      // A project that does not compile any more was deployed before it broke.
      manifest = await compile().catch(() => manifest)
    },
    lastRun: () => lastRun,
    async people(rows) {
      const statement = (text: string, parameters: (string | number | null)[] = []) => ({ text, parameters })
      await warehouse.transaction([
        statement('create schema if not exists raw'),
        statement('create table if not exists raw.people (id bigint, name text, age text)'),
        statement('delete from raw.people'),
        ...rows.map((row) => statement('insert into raw.people values ($1, $2, $3)', [...row])),
      ])
      const content = createHash('sha256').update(JSON.stringify(rows)).digest('hex')
      const fields = { dataVersion: `test:${content}`, warehouse: await warehouse.identity() }
      await store.assets.recordMaterialization(
        await newRun(['source/people']),
        materializationOf('source/people', fields),
        null,
      )
    },
    async build(options = {}) {
      const names = options.models ?? modelNames
      const input = await newRun(
        names.map((name): AssetKey => `model/tiny/${name}`),
        options,
      )
      const { buildDbtModels } = createDbtActivities({
        warehouse,
        store,
        manifests: () => Promise.resolve(manifest),
        projectDir: () => join(home, 'project'),
        home,
        clock: () => new Date(),
        userCode: () => Promise.reject(new Error('no code here')),
        dbtExecutable: options.dbtExecutable ?? pythonBin('dbt'),
        environment: { PATH: '/usr/bin:/bin', HOME: home },
      })
      const environment = options.environment ?? quietEnvironment()
      const { assets } = await environment.run<[StepInput], StepOutcome, typeof buildDbtModels>(buildDbtModels, input)
      return Object.fromEntries(assets.map((outcome) => [outcome.asset, outcome]))
    },
  }
}

const parsed = new Map<string, Promise<unknown>>()

/** Parsing takes seconds, and tests begin with the same files. */
function rememberedParse(files: Readonly<Record<string, string>>, parse: ParseDbt): ParseDbt {
  return (input) => {
    const key = JSON.stringify(Object.entries(files).sort())
    const manifest = parsed.get(key) ?? parse(input)
    parsed.set(key, manifest)
    return manifest
  }
}
