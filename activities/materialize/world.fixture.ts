import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import {
  stepWorkflows,
  type AssetKey,
  type AssetOutcome,
  type AssetSpec,
  type EntitySpec,
  type Manifest,
  type Scope,
  type StepInput,
  type StepOutcome,
  type TraitOrigin,
  type TraitSpec,
  type TraitType,
} from '../../orchestrator/contract/index.ts'
import type { Dialect } from '../../orchestrator/sql/index.ts'
import { createStore, migrate, type MaterializationRow, type Store } from '../../orchestrator/store/index.ts'
import { freshDatabase } from '../../test/harness/postgres.ts'
import { tempDir } from '../../test/harness/temp.ts'
import { freshWarehouse } from '../warehouse/warehouses.fixture.ts'
import type { Row, Warehouse } from '../warehouse/warehouse.ts'
import { createMaterializeActivities, type MaterializeDeps } from './index.ts'

const base = { description: null, group: null, owners: [], tags: {}, definedAt: null, deps: [], columns: [] }

/** An asset with what every asset has filled in. */
export function asset<S extends AssetSpec>(spec: Omit<S, keyof typeof base> & Partial<S>): S {
  return { ...base, ...spec } as unknown as S
}

export const customers: AssetSpec = asset({
  kind: 'source',
  key: 'source/customers',
  relation: { schema: 'raw', name: 'customers' },
  load: null,
  codeVersion: 'c1',
})

export function trait(name: string, type: TraitType, origin: Partial<TraitSpec> & { origin: TraitOrigin }): TraitSpec {
  return asset<TraitSpec>({
    kind: 'trait',
    key: `trait/${name}`,
    relation: { schema: 'traitline_shop', name: `trait_${name}` },
    entity: 'customer',
    trait: type,
    codeVersion: 'c1',
    deps: ['source/customers'],
    ...origin,
  })
}

export const fromColumn = (column: string): { origin: TraitOrigin } => ({
  origin: { type: 'column', asset: 'source/customers', column },
})

export const fromSql = (before: string, after: string): { origin: TraitOrigin } => ({
  origin: { type: 'sql', sql: { strings: [before, after], refs: ['source/customers'] } },
})

export interface Services {
  readonly store: Store
  readonly warehouse: Warehouse
  close(): Promise<void>
}

/** A real record and a real warehouse, for many worlds. */
export async function openServices(dialect: Dialect): Promise<Services> {
  const database = await freshDatabase()
  await migrate(database.url)
  const store = createStore({ url: database.url, poolSize: 2 })
  const { warehouse, drop } = await freshWarehouse(dialect)
  return {
    store,
    warehouse,
    close: async () => {
      await drop()
      await store.close()
      await database.drop()
    },
  }
}

let worlds = 0

/** A project in an empty warehouse, whose steps are run one by one as a workflow would. */
export async function materializeWorld({ store, warehouse }: Services) {
  const home = await tempDir()
  const scope: Scope = { environment: `test_${++worlds}`, project: 'shop' }
  await warehouse.transaction(
    ['raw', 'traitline_shop'].map((schema) => ({ text: `drop schema if exists ${schema} cascade`, parameters: [] })),
  )
  const entity: EntitySpec = { name: 'customer', key: { column: 'id', type: 'text' }, population: customers.key }
  let assets: readonly AssetSpec[] = []
  let revision = 0
  let runs = 0
  const manifests = new Map<number, Manifest>()

  const read = (_scope: Scope, number: number) => Promise.resolve(manifests.get(number) as Manifest)

  async function define(...specs: AssetSpec[]): Promise<void> {
    assets = specs
    manifests.set(++revision, {
      format: 1,
      project: 'shop',
      timeZone: 'UTC',
      asOf: null,
      schema: 'traitline_shop',
      entities: [entity],
      dbtProjects: [],
      destinations: [],
      assets,
    })
    await store.assets.register(scope, assets)
  }

  async function begin(key: AssetKey, force = false, partitions: readonly string[] = []): Promise<StepInput> {
    const kind = assets.find((each) => each.key === key)?.kind ?? 'trait'
    const run = `${scope.environment}-run-${++runs}`
    const planned = { key, reasons: [{ type: 'never_materialized' as const }], deps: [] }
    const cut = partitions.map((partition) => ({ ...planned, partition }))
    const id = cut.length === 0 ? key : `${key}/${partitions.join('..')}`
    const step = { id, workflow: stepWorkflows[kind], assets: cut.length === 0 ? [planned] : cut, after: [] }
    await store.runs.create({ scope, run, revision, selection: key, targets: [key], force })
    await store.runs.savePlan(run, { steps: [step], fresh: [] })
    return { ...scope, run, revision, warehouseQueue: 'w', force, step }
  }

  async function perform(
    input: StepInput,
    change: Partial<MaterializeDeps> = {},
    environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR', () => undefined) }),
  ): Promise<StepOutcome> {
    const activities = createMaterializeActivities({
      warehouse,
      store,
      manifests: read,
      projectDir: () => home,
      home,
      clock: () => new Date(),
      userCode: () => Promise.reject(new Error('no code here')),
      ...change,
    })
    const activity = activities[input.step.workflow as keyof typeof activities]
    return environment.run<[StepInput], StepOutcome, typeof activity>(activity, input)
  }

  return {
    home,
    scope,
    warehouse,
    store,
    manifests: read,
    revision: () => revision,
    define,
    begin,
    perform,
    /** A run of one asset; its outcome. */
    async make(key: AssetKey, force = false): Promise<AssetOutcome> {
      const { assets: outcomes } = await perform(await begin(key, force))
      return outcomes[0] as AssetOutcome
    },
    /** A run of partitions of an asset; their outcomes. */
    async makePartitions(
      key: AssetKey,
      partitions: readonly string[],
      force = false,
    ): Promise<readonly AssetOutcome[]> {
      return (await perform(await begin(key, force, partitions))).assets
    },
    async fails(key: AssetKey): Promise<{ type: string; message: string; details: [{ hint: string; blame: string }] }> {
      return perform(await begin(key)).then(
        () => Promise.reject(new Error(`${key} was made`)),
        (error: unknown) => error as { type: string; message: string; details: [{ hint: string; blame: string }] },
      )
    },
    async last(key: AssetKey): Promise<MaterializationRow | undefined> {
      return (await store.assets.materializations(scope, key, { limit: 1 }))[0]
    },
    async sql(...texts: string[]): Promise<void> {
      await warehouse.transaction(texts.map((text) => ({ text, parameters: [] })))
    },
    rows: (text: string): Promise<Row[]> => warehouse.query({ text, parameters: [] }),
  }
}
