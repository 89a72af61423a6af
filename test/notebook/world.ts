import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MockActivityEnvironment } from '@temporalio/testing'
import { onTestFinished } from 'vitest'
import { createNotebookActivities } from '../../activities/notebook/index.ts'
import { createWarehouse } from '../../activities/warehouse/create-warehouse.ts'
import type { MadeResource } from '../../activities/runtime/index.ts'
import type { Row, Warehouse } from '../../activities/warehouse/warehouse.ts'
import type {
  AssetOutcome,
  JsonObject,
  Manifest,
  NotebookSpec,
  SourceSpec,
  StepInput,
  StepOutcome,
} from '../../orchestrator/contract/index.ts'
import type { Dialect } from '../../orchestrator/sql/index.ts'
import type { Store } from '../../orchestrator/store/index.ts'
import { quietEnvironment } from '../harness/activity.ts'
import { pythonBin } from '../harness/python.ts'
import { tempDir } from '../harness/temp.ts'
import { freshStore, materializationOf, scope, stepOf } from '../store/fresh-store.ts'

/** A notebook of which tests write the cells, in a project with one table of purchases. */
export interface NotebookWorld {
  readonly store: Store
  readonly warehouse: Warehouse
  readonly home: string
  run(cells: readonly string[], options?: NotebookRun): Promise<AssetOutcome | undefined>
  /** Of its days. */
  runDays(cells: readonly string[], options: NotebookRun): Promise<readonly AssetOutcome[]>
  /** What the notebook's table holds. */
  rows(): Promise<Row[]>
}

export interface NotebookRun {
  readonly run?: string
  readonly kernel?: string
  readonly parameters?: JsonObject
  /** What the run gives it in the place of those. */
  readonly config?: JsonObject
  readonly timeoutSeconds?: number
  /** Days of Berlin that it is made for. */
  readonly days?: readonly string[]
  /** What its resource `api` is. */
  readonly resource?: MadeResource
  readonly pythonExecutable?: string
  readonly environment?: MockActivityEnvironment
}

export async function notebookWorld(dialect: Dialect): Promise<NotebookWorld> {
  const home = await tempDir()
  const { store, url } = await freshStore()
  const warehouse = createWarehouse({ url: dialect === 'postgres' ? url : `duckdb:${join(home, 'shop.duckdb')}`, home })
  onTestFinished(() => warehouse.close())
  const statement = (text: string) => ({ text, parameters: [] })
  await warehouse.transaction([
    statement('create schema raw'),
    statement('create table raw.purchases (customer_id text, bought_on date, amount decimal(10, 2), seen timestamptz)'),
    statement(`insert into raw.purchases values
      ('001', '2020-01-01', 10.5, '2020-01-01T12:00:00+02:00'), ('001', '2020-02-01', 2, null), ('canary', null, null, null)`),
  ])
  const project = join(home, 'project')
  await mkdir(join(project, 'notebooks'), { recursive: true })
  await store.assets.register(scope, [sourceSpec, notebookSpec({})])

  let runs = 0
  const newRun = async (
    key: 'source/purchases' | 'notebook/scores',
    name?: string,
    parameters?: JsonObject,
  ): Promise<StepInput> => {
    const run = name ?? `run-${++runs}`
    await store.runs.create({
      scope,
      run,
      revision: 1,
      selection: '*',
      targets: [key],
      force: true,
      config: parameters ? { [key]: parameters } : null,
    })
    await store.runs.savePlan(run, { steps: [stepOf(key)], fresh: [] })
    return { ...scope, run, revision: 1, warehouseQueue: 'w', force: true, step: stepOf(key) }
  }
  await store.assets.recordMaterialization(
    await newRun('source/purchases'),
    materializationOf('source/purchases', { warehouse: await warehouse.identity() }),
    null,
  )

  const runDays: NotebookWorld['runDays'] = async (cells, options) => {
    await writeFile(join(project, 'notebooks/scores.ipynb'), notebookOf(cells))
    const whole = await newRun('notebook/scores', options.run, options.config)
    const planned = whole.step.assets.flatMap((asset) =>
      (options.days ?? []).map((partition) => ({ ...asset, partition })),
    )
    const input = planned.length === 0 ? whole : { ...whole, step: { ...whole.step, assets: planned } }
    const { runNotebook } = createNotebookActivities({
      warehouse,
      store,
      manifests: () => Promise.resolve(manifestWith(notebookSpec(options))),
      projectDir: () => project,
      home,
      clock: () => new Date(),
      userCode: () => Promise.reject(new Error('no code here')),
      ...(options.resource && {
        resources: {
          find: () => Promise.resolve(options.resource!),
          make: () => Promise.reject(new Error('no code')),
        },
      }),
      pythonExecutable: options.pythonExecutable ?? pythonBin('python'),
      environment: { PATH: '/usr/bin:/bin', HOME: home },
    })
    const environment = options.environment ?? quietEnvironment()
    const { assets } = await environment.run<[StepInput], StepOutcome, typeof runNotebook>(runNotebook, input)
    return assets
  }

  return {
    store,
    warehouse,
    home,
    rows: () =>
      warehouse.query(statement('select * from traitline_shop.notebook_scores order by customer_id'), { limit: 100 }),
    run: async (cells, options = {}) => (await runDays(cells, options))[0],
    runDays,
  }
}

const base = { description: null, group: null, owners: [], tags: {}, definedAt: null }

const sourceSpec: SourceSpec = {
  ...base,
  kind: 'source',
  key: 'source/purchases',
  deps: [],
  relation: { schema: 'raw', name: 'purchases' },
  columns: [],
  codeVersion: 'c',
  load: null,
}

function notebookSpec({
  kernel = 'python3',
  parameters = {},
  timeoutSeconds = 120,
  resource,
  days,
}: NotebookRun): NotebookSpec {
  return {
    ...base,
    kind: 'notebook',
    key: 'notebook/scores',
    deps: ['source/purchases'],
    relation: { schema: 'traitline_shop', name: 'notebook_scores' },
    columns: [
      { name: 'customer_id', type: 'text' },
      { name: 'score', type: 'number' },
      { name: 'segment', type: 'text' },
    ],
    codeVersion: 'c',
    path: 'notebooks/scores.ipynb',
    entity: 'customer',
    inputs: { purchases: 'source/purchases' },
    parameters,
    ...(resource && { resources: { api: 'billing' } }),
    kernel,
    timeoutSeconds,
    ...(days && {
      partitions: {
        dimensions: [
          {
            ...({ type: 'time', name: 'day', every: 'day', start: '2020-01-01', end: null } as const),
            ...{ timeZone: 'Europe/Berlin', offsetMinutes: 0 },
          },
        ],
      },
    }),
  }
}

function manifestWith(notebook: NotebookSpec): Manifest {
  return {
    format: 1,
    project: scope.project,
    timeZone: 'Europe/Paris',
    asOf: '2020-03-01T00:00:00Z',
    schema: 'traitline_shop',
    entities: [{ name: 'customer', key: { column: 'customer_id', type: 'text' }, population: null }],
    dbtProjects: [],
    destinations: [],
    resources: [{ name: 'billing', description: null, fields: ['key'], variables: [], definedAt: null }],
    assets: [sourceSpec, notebook],
  }
}

/** The first cell is the one whose variables parameters replace. */
function notebookOf(cells: readonly string[]): string {
  return JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
    cells: cells.map((source, index) => ({
      id: `cell-${index}`,
      cell_type: 'code',
      metadata: index === 0 ? { tags: ['parameters'] } : {},
      source,
      outputs: [],
      execution_count: null,
    })),
  })
}
