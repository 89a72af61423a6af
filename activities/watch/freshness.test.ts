import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../test/harness/eventually.ts'
import { temporalAddress } from '../../test/harness/temporal.ts'
import {
  diffOf,
  freshStore,
  manifestOf,
  materializationOf,
  plannedRun,
  stepInput,
} from '../../test/store/fresh-store.ts'
import {
  freshnessWorkflowId,
  projectQueue,
  type AssetKey,
  type FreshnessPolicy,
  type Manifest,
  type Scope,
} from '../../orchestrator/contract/index.ts'
import { connectTemporal, createLauncher } from '../../orchestrator/launch/index.ts'
import { followForFreshness } from '../../orchestrator/main/freshness-waker.ts'
import { packageRoot } from '../../orchestrator/process/index.ts'
import type { Store } from '../../orchestrator/store/index.ts'
import { scope as shop } from '../../test/store/fresh-store.ts'
import { manifestCache } from '../record/manifest-cache.ts'
import { createWatchActivities } from './watch.ts'

const ltv: AssetKey = 'trait/ltv'
const tier: AssetKey = 'trait/tier'
const age = (failAfterMinutes: number, warnAfterMinutes: number | null = null): FreshnessPolicy => ({
  ...{ type: 'age', since: 'success', warnAfterMinutes, failAfterMinutes },
})

function withPolicies(policies: Readonly<Record<AssetKey, FreshnessPolicy>>): Manifest {
  const manifest = manifestOf([ltv, tier])
  const assets = manifest.assets.map((asset) => {
    const freshness = policies[asset.key]
    return freshness === undefined ? asset : { ...asset, freshness }
  })
  return { ...manifest, assets }
}

let revisions = 0
const deploy = (store: Store, manifest: Manifest, scope = shop) =>
  store.revisions.deploy({ scope, manifest, manifestHash: `h${++revisions}`, diff: diffOf([]), deployedBy: null })

async function changes(store: Store): Promise<unknown[]> {
  const events = await store.events.after(0, {}, 1_000)
  return events
    .filter(({ type }) => type === 'freshness_changed')
    .map(({ asset, data }) => [asset, data['from'], data['to']])
}

test('what changed is told once, whoever judges how often; a policy that is taken away is forgotten', async () => {
  const { store } = await freshStore()
  let now = Date.now()
  const watch = createWatchActivities({ store, manifests: manifestCache(store.revisions), clock: () => new Date(now) })
  const judge = () =>
    new MockActivityEnvironment().run(watch.judgeFreshness, shop) as Promise<{ changesInMs: number | null }>
  await deploy(store, withPolicies({ [ltv]: age(120, 60), [tier]: age(600) } as Record<AssetKey, FreshnessPolicy>))
  await plannedRun(store, 'r1', [ltv, tier])
  await store.assets.recordMaterialization(
    stepInput('r1', ltv),
    materializationOf(ltv, { startedAt: new Date(now).toISOString(), durationMs: 0 }),
    null,
  )
  // Nobody needs to hear that something is as it should be.
  const first = await judge()
  expect(first.changesInMs).toBeGreaterThan(59 * 60_000)
  expect(await changes(store)).toEqual([])
  expect(await store.freshness.recorded(shop)).toMatchObject([
    { asset: ltv, status: 'ok' },
    { asset: tier, status: 'unknown' },
  ])

  now += first.changesInMs ?? 0
  await Promise.all([judge(), judge()])
  expect(await changes(store)).toEqual([[ltv, 'ok', 'warn']])
  now += 11 * 3_600_000
  expect(await judge()).toEqual({ changesInMs: null })
  expect(await changes(store)).toEqual([
    [ltv, 'ok', 'warn'],
    [ltv, 'warn', 'late'],
    [tier, 'unknown', 'late'],
  ])

  // A run that finds it fresh is a success, too; and so is one that had not even to look.
  now = Date.now()
  await plannedRun(store, 'r2', [ltv])
  await store.assets.recordOutcomes(shop, 'r2', [{ asset: ltv, status: 'fresh' }])
  await judge()
  expect(await changes(store)).toContainEqual([ltv, 'late', 'ok'])
  await store.freshness.confirm(shop, [ltv, tier])
  const facts = await store.freshness.facts(shop, null)
  expect(facts.get(tier)?.succeededAt).toBeNull()
  const { materializedAt = null, changedAt = null, succeededAt = null } = facts.get(ltv) ?? {}
  expect(changedAt).toBe(materializedAt)
  expect(Date.parse(succeededAt ?? '')).toBeGreaterThan(Date.parse(materializedAt ?? ''))

  await deploy(store, withPolicies({}))
  await judge()
  expect(await store.freshness.recorded(shop)).toEqual([])
})

test('a project is watched without anyone asking: deadlines, deployments and materialisations wake the watch', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  const { store } = await freshStore()
  const scope: Scope = { environment: `watch-${process.pid}-${Date.now()}`, project: 'shop' }
  const temporal = await connectTemporal({ address: temporalAddress() })
  const connection = await NativeConnection.connect(temporal.connectionOptions)
  const manifests = manifestCache(store.revisions)
  let judged = 0
  const { judgeFreshness, finishChecks } = createWatchActivities({ store, manifests, clock: () => new Date() })
  const worker = await Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue: projectQueue(scope),
    workflowsPath: join(packageRoot(), 'workflows/index.ts'),
    activities: { finishChecks, judgeFreshness: (given: Scope) => ((judged += 1), judgeFreshness(given)) },
  })
  const running = worker.run()
  const launcher = createLauncher({ client: temporal.client, store })
  const failures: unknown[] = []
  const stop = await followForFreshness(
    { store, manifest: manifests, wake: launcher.wakeFreshness, onError: (error) => failures.push(error) },
    [scope],
  )
  onTestFinished(async () => {
    await stop()
    worker.shutdown()
    await running
    await connection.close()
    await temporal.close()
  })
  const status = async () => (await store.freshness.recorded(scope))[0]?.status
  const described = () => temporal.client.workflow.getHandle(freshnessWorkflowId(scope)).describe()

  // Three seconds to a warning, four and a half until it is late.
  await deploy(store, withPolicies({ [ltv]: age(0.075, 0.05) } as Record<AssetKey, FreshnessPolicy>), scope)
  await eventually(async () => (await status()) === 'unknown')
  await eventually(async () => (await status()) === 'late')
  await eventually(async () => (await described()).status.name === 'COMPLETED')
  const before = judged

  await store.runs.create({ scope, run: 'w1', revision: 1, selection: '*', targets: [ltv], force: false })
  const at = { startedAt: new Date().toISOString(), durationMs: 0 }
  await store.assets.recordMaterialization({ ...stepInput('w1', ltv), ...scope }, materializationOf(ltv, at), null)
  await eventually(async () => (await changes(store)).length === 4)
  expect(await changes(store)).toEqual([
    [ltv, 'unknown', 'late'],
    [ltv, 'late', 'ok'],
    [ltv, 'ok', 'warn'],
    [ltv, 'warn', 'late'],
  ])
  // Once when it was materialised, and once for each of its deadlines: nobody looked in between.
  expect(judged - before).toBeLessThanOrEqual(5)
  expect(failures).toEqual([])
})
