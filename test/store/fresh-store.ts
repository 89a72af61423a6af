import { onTestFinished } from 'vitest'
import type {
  AssetKey,
  AssetSpec,
  Manifest,
  ManifestDiff,
  Materialization,
  PlanStep,
  RunPlan,
  Scope,
  StepInput,
} from '../../orchestrator/contract/index.ts'
import { kindOf, stepWorkflows } from '../../orchestrator/contract/index.ts'
import { freshDatabase } from '../harness/postgres.ts'
import { createStore, migrate } from '../../orchestrator/store/index.ts'
import type { Store } from '../../orchestrator/store/index.ts'

export const scope: Scope = { environment: 'test', project: 'shop' }

/** A store on a database of its own, both gone when the test has finished. */
export async function freshStore(): Promise<{ store: Store; url: string }> {
  const database = await freshDatabase()
  await migrate(database.url)
  const store = createStore({ url: database.url })
  onTestFinished(async () => {
    await store.close()
    await database.drop()
  })
  return { store, url: database.url }
}

export function specOf(key: AssetKey): AssetSpec {
  // The store reads the key alone.
  return { key, kind: kindOf(key), deps: [], codeVersion: 'c1' } as unknown as AssetSpec
}

export function manifestOf(keys: readonly AssetKey[]): Manifest {
  return {
    format: 1,
    project: scope.project,
    timeZone: 'UTC',
    asOf: null,
    schema: 'traitline_shop',
    entities: [],
    dbtProjects: [],
    destinations: [],
    assets: keys.map(specOf),
  }
}

export function diffOf(added: readonly AssetKey[]): ManifestDiff {
  return { added, removed: [], changed: [], described: [], settings: [] }
}

export function stepOf(key: AssetKey, deps: readonly AssetKey[] = []): PlanStep {
  return {
    id: key,
    workflow: stepWorkflows[kindOf(key)],
    assets: [{ key, reasons: [{ type: 'never_materialized' }], deps }],
    after: deps,
  }
}

export function planOf(keys: readonly AssetKey[], fresh: readonly AssetKey[] = []): RunPlan {
  return { steps: keys.map((key) => stepOf(key)), fresh }
}

export function stepInput(run: string, key: AssetKey, step = stepOf(key)): StepInput {
  return { ...scope, run, revision: 1, warehouseQueue: 'warehouse/w', force: false, step }
}

export function materializationOf(asset: AssetKey, fields: Partial<Materialization> = {}): Materialization {
  return {
    asset,
    codeVersion: 'c1',
    dataVersion: 'sum-v1:1',
    upstream: {},
    warehouse: 'w1',
    rows: 3,
    startedAt: '2026-01-31T10:00:00.000Z',
    durationMs: 1500,
    statistics: [],
    checks: [],
    metadata: {},
    ...fields,
  }
}

/** Registers the assets and records a run that has them planned. */
export async function plannedRun(store: Store, run: string, keys: readonly AssetKey[]): Promise<void> {
  await store.assets.register(scope, keys.map(specOf))
  await store.runs.create({ scope, run, revision: 1, selection: '*', targets: keys, force: false })
  await store.runs.savePlan(run, planOf(keys))
}

export async function eventsOf(store: Store, run: string): Promise<string[]> {
  const events = await store.events.after(0, { run }, 1000)
  return events.map(({ type, asset }) => (asset ? `${type} ${asset}` : type))
}
