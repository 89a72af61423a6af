import { expect, test } from 'vitest'
import type { AssetKey, AssetSpec, AutomationCondition, Manifest } from '../../orchestrator/contract/index.ts'
import { automation } from '../../orchestrator/define/index.ts'
import { newRunId } from '../../orchestrator/launch/index.ts'
import type { Store } from '../../orchestrator/store/index.ts'
import { quietEnvironment } from '../../test/harness/activity.ts'
import {
  diffOf,
  freshStore,
  manifestOf,
  materializationOf,
  planOf,
  scope,
  stepInput,
} from '../../test/store/fresh-store.ts'
import { manifestCache } from '../record/manifest-cache.ts'
import { createAutomationActivities, type AutomationDeps, type RunToStart } from './index.ts'

const perform = <T>(work: () => Promise<T>): Promise<T> => quietEnvironment().run<[], T, () => Promise<T>>(work)

const chain: Readonly<Record<AssetKey, readonly AssetKey[]>> = {
  'source/a': [],
  'trait/b': ['source/a'],
  'audience/c': ['trait/b'],
}

function chainManifest(condition: AutomationCondition): Manifest {
  const keys = Object.keys(chain) as AssetKey[]
  const manifest = manifestOf(keys)
  const assets = manifest.assets.map(
    (spec): AssetSpec =>
      ({
        ...spec,
        deps: chain[spec.key] ?? [],
        ...(spec.kind === 'source' ? {} : { automation: condition }),
      }) as AssetSpec,
  )
  return { ...manifest, assets }
}

async function world(condition: AutomationCondition = automation.eager().condition) {
  const { store } = await freshStore()
  const manifest = chainManifest(condition)
  const keys = Object.keys(chain) as AssetKey[]
  await store.revisions.deploy({ scope, manifest, manifestHash: 'h1', diff: diffOf(keys), deployedBy: null })
  const started: RunToStart[] = []
  const deps: AutomationDeps = {
    store,
    manifests: manifestCache(store.revisions),
    newRunId,
    startRun: async (run) => {
      await store.runs.create(run)
      started.push(run)
    },
    cancelRun: () => Promise.resolve(),
  }
  const evaluate = (tick: { cron: string; at: string } | null = null, over: Partial<AutomationDeps> = {}) =>
    perform(() => createAutomationActivities({ ...deps, ...over }).evaluateAutomation({ ...scope, tick }))
  return { store, deps, started, evaluate }
}

let runs = 0

/** A run that materialises these, with this content. */
async function materialize(
  store: Store,
  keys: readonly AssetKey[],
  content: string,
  run = `run-${++runs}`,
): Promise<void> {
  await store.runs.create({ scope, run, revision: 1, selection: '*', targets: keys, force: false })
  await store.runs.savePlan(run, planOf(keys))
  for (const key of keys) {
    const upstream = Object.fromEntries((chain[key] ?? []).map((dep) => [dep, `${dep}:${content}`]))
    const made = materializationOf(key, {
      dataVersion: `${key}:${content}`,
      upstream,
      startedAt: new Date().toISOString(),
    })
    await store.assets.recordMaterialization(stepInput(run, key), made, null)
  }
  await store.runs.finish(run, 'succeeded', null)
}

test('a change starts one run of all that it is a cause for, once, and its decisions are kept', async () => {
  const { store, started, evaluate } = await world()
  await evaluate()
  expect(started).toEqual([])
  await materialize(store, ['source/a'], 'v1')
  await evaluate()
  expect(started.map(({ targets, revision }) => ({ targets, revision }))).toEqual([
    { targets: ['trait/b', 'audience/c'], revision: 1 },
  ])
  await evaluate()
  expect(started).toHaveLength(1)

  await materialize(store, ['trait/b', 'audience/c'], 'v1', started[0]!.run)
  await evaluate()
  expect(started).toHaveLength(1)
  const history = await store.automation.history(scope, { asset: 'trait/b', limit: 10 })
  expect(history.map(({ outcome, summary }) => ({ outcome, summary }))).toEqual([
    { outcome: 'idle', summary: expect.stringContaining('nothing to do') as string },
    { outcome: 'requested', summary: 'starts: it was never materialised' },
    { outcome: 'waiting', summary: 'not yet: source/a was never materialised' },
  ])
  expect(history[1]!.run).toBe(started[0]!.run)
  expect((await store.automation.latest(scope, null)).map(({ asset }) => asset)).toEqual(['audience/c', 'trait/b'])
})

test('what is wiped is started again by the cause that it was started by', async () => {
  const { store, started, evaluate } = await world()
  await materialize(store, ['source/a'], 'v1')
  await evaluate()
  await materialize(store, ['trait/b', 'audience/c'], 'v1', started[0]!.run)
  await evaluate()
  expect(started).toHaveLength(1)

  await store.assets.wipe(scope, ['trait/b'])
  await evaluate()
  expect(started.map(({ targets }) => targets)).toEqual([['trait/b', 'audience/c'], ['trait/b']])
  await evaluate()
  expect(started).toHaveLength(2)

  // Made again as it was, it is a cause for nothing.
  await materialize(store, ['trait/b'], 'v1', started[1]!.run)
  await evaluate()
  expect(started).toHaveLength(2)
})

test('a wipe amid an evaluation is not overlooked', async () => {
  const { store, started, evaluate } = await world()
  await materialize(store, ['source/a'], 'v1')
  await evaluate()
  await materialize(store, ['trait/b', 'audience/c'], 'v1', started[0]!.run)

  let wiped = false
  const overtaken: Store = {
    ...store,
    automation: {
      ...store.automation,
      commit: async (input) => {
        if (!wiped) await store.assets.wipe(scope, ['trait/b'])
        wiped = true
        return store.automation.commit(input)
      },
    },
  }
  await evaluate(null, { store: overtaken })
  expect(started).toHaveLength(2)
})

test('two evaluations at once start one run', async () => {
  const { store, started, evaluate } = await world()
  await materialize(store, ['source/a'], 'v1')
  await Promise.all([evaluate(), evaluate(), evaluate()])
  expect(new Set(started.map(({ run }) => run)).size).toBe(1)
})

test('killed between deciding and starting, the next one starts the run that was decided on', async () => {
  const { store, started, evaluate } = await world()
  await materialize(store, ['source/a'], 'v1')
  const killed = { startRun: () => Promise.reject(new Error('killed')) }
  await expect(evaluate(null, killed)).rejects.toThrow()
  const [open] = await store.requests.open(scope, 10)
  expect(open).toMatchObject({ origin: 'automation', targets: ['trait/b', 'audience/c'], settledAt: null })
  await evaluate()
  await evaluate()
  expect(started.map(({ run }) => run)).toEqual([open!.run])
  expect(await store.requests.open(scope, 10)).toEqual([])
})

test('a run that can never be started says so, once', async () => {
  const { store, evaluate, deps } = await world()
  await materialize(store, ['source/a'], 'v1')
  const { TraitlineError } = await import('../../orchestrator/contract/index.ts')
  const gone = new TraitlineError({ code: 'ASSET_UNKNOWN', message: 'gone', hint: 'deploy', blame: 'user' })
  await evaluate(null, { ...deps, startRun: () => Promise.reject(gone) })
  expect(await store.requests.list(scope, { limit: 5 })).toMatchObject([{ failure: { code: 'ASSET_UNKNOWN' } }])
})

test('a time of a cron starts a run once, however often it is told, and names it', async () => {
  const { store, started, evaluate } = await world(automation.onCron('0 6 * * *', { timeZone: 'UTC' }).condition)
  await evaluate()
  const tick = { cron: '0 6 * * * UTC', at: '2026-01-02T06:00:00.000Z' }
  const first = await evaluate(tick)
  expect(first.runs).toEqual(started.map(({ run }) => run))
  expect(started).toHaveLength(1)
  expect(await evaluate(tick)).toEqual(first)
  expect(started).toHaveLength(1)
  // Whoever is told of the run knows which time it is for.
  expect(await store.openLineage.scheduledAt(started[0]!.run)).toBe(tick.at)
})

test('a condition that time may change says when', async () => {
  const { store, started, evaluate } = await world(automation.onUpstreamChange().and(automation.quietFor(10)).condition)
  await materialize(store, ['source/a', 'trait/b', 'audience/c'], 'v1')
  expect(await evaluate()).toMatchObject({ nextAt: null })
  await materialize(store, ['source/a'], 'v2')
  const { nextAt } = await evaluate()
  const status = await store.assets.status(scope, 'source/a')
  expect(Date.parse(nextAt!)).toBe(Date.parse(status!.materializedAt!) + 600_000)
  expect(started).toEqual([])
})

test('a project without conditions is not evaluated', async () => {
  const { store } = await freshStore()
  const manifest = manifestOf(['source/a'])
  await store.revisions.deploy({ scope, manifest, manifestHash: 'h', diff: diffOf(['source/a']), deployedBy: null })
  const deps = { store, manifests: manifestCache(store.revisions), newRunId } as unknown as AutomationDeps
  const result = await perform(() => createAutomationActivities(deps).evaluateAutomation({ ...scope, tick: null }))
  expect(result).toEqual({ nextAt: null, runs: [] })
})
