/**
 * What 1,000 and 10,000 eager assets with two deps each cost: while nothing happens, in processor time of this process
 * and transactions of the record over some seconds, beside the same seconds before anything had a condition; and the
 * time from a materialisation to the recorded request of the run of what is downstream of it, through the wake, its
 * workflow and the evaluation: once with a handful of assets downstream, once with all. Prints one line of JSON;
 * times in milliseconds, the median of the rounds. Dagster 1.13 on a machine of two cores: an idle tick over 1,000
 * eager assets takes 6 to 8 s, and there is one each 30 s.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import { Worker } from '@temporalio/worker'
import { Client as Postgres } from 'pg'
import { createAutomationActivities } from '../activities/automation/index.ts'
import { manifestCache } from '../activities/record/manifest-cache.ts'
import {
  automationWorkflowId,
  projectQueue,
  type AssetKey,
  type AssetSpec,
  type Manifest,
  type Scope,
} from '../orchestrator/contract/index.ts'
import { newRunId, wakeAutomation } from '../orchestrator/launch/index.ts'
import type { Store } from '../orchestrator/store/index.ts'
import { benchOnStack, bundleOf, type BenchStack } from './parts/stack.ts'

const sizes = [1_000, 10_000]
const rounds = 5
const idleMs = 5_000
const restMs = 2_000

/** Each trait reads the one of half its number and a neighbour of that: a tree, some 13 levels deep. */
function manifestOf(count: number, project: string): Manifest {
  const keyOf = (at: number): AssetKey => (at === 0 ? 'source/s' : `trait/t${at}`)
  const assets = Array.from({ length: count }, (_, at) => {
    const deps = at === 0 ? [] : [...new Set([Math.floor(at / 2), Math.max(0, Math.floor(at / 2) - 1)])].map(keyOf)
    const spec = { key: keyOf(at), kind: at === 0 ? 'source' : 'trait', deps, codeVersion: 'c1' }
    return { ...spec, ...(at > 0 && { automation: { op: 'eager' } }) } as unknown as AssetSpec
  })
  return {
    ...{ format: 1, project, timeZone: 'UTC', asOf: null, schema: 'bench' },
    ...{ entities: [], dbtProjects: [], destinations: [], assets },
  }
}

await benchOnStack(measure)

async function measure({ url, store, client, native }: BenchStack): Promise<object> {
  const observer = new Postgres({ connectionString: url })
  await observer.connect()
  const workflowBundle = await bundleOf('workflows/index.ts')
  const manifests = manifestCache(store.revisions)
  // Asked for is what is measured: nothing is run.
  const startRun = (): Promise<void> => Promise.resolve()
  const cancelRun = startRun
  const activities = { ...createAutomationActivities({ store, manifests, newRunId, startRun, cancelRun }) }
  try {
    const of: object[] = []
    for (const size of sizes) {
      const scope = { environment: 'bench', project: `eager_${size}` }
      const options = { connection: native, taskQueue: projectQueue(scope), workflowBundle, activities }
      const worker = await Worker.create({ ...options, reuseV8Context: true })
      of.push(await worker.runUntil(() => measureProject({ store, client, observer, scope, size })))
    }
    return { bench: 'automation', rounds, idleSeconds: idleMs / 1_000, of, peer: { dagsterIdleTickSeconds: [6, 8] } }
  } finally {
    await observer.end()
  }
}

interface Measured {
  readonly store: Store
  readonly client: Client
  readonly observer: Postgres
  readonly scope: Scope
  readonly size: number
}

async function measureProject({ store, client, observer, scope, size }: Measured): Promise<object> {
  const idle = async () => {
    // PostgreSQL tells of transactions some time after them.
    await delay(restMs)
    const [cpu, before] = [process.cpuUsage(), await transactions(observer)]
    await delay(idleMs)
    const { user, system } = process.cpuUsage(cpu)
    return {
      cpuMs: Math.round((user + system) / 1_000),
      transactions: (await transactions(observer)) - before,
    }
  }
  const without = await idle()
  const manifest = manifestOf(size, scope.project)
  const keys = manifest.assets.map(({ key }) => key)
  const diff = { added: [], removed: [], changed: [], described: [], settings: [] }
  await store.revisions.deploy({ scope, manifest, manifestHash: scope.project, diff, deployedBy: null })
  await store.assets.register(scope, manifest.assets)
  const versions = new Map(keys.map((key) => [key, 'v:0']))
  const specs = new Map(manifest.assets.map((spec) => [spec.key, spec]))
  const materialize = async (asset: AssetKey): Promise<void> => {
    const upstream = Object.fromEntries(specs.get(asset)!.deps.map((dep) => [dep, versions.get(dep)!]))
    const made = { asset, codeVersion: 'c1', dataVersion: versions.get(asset)!, upstream, warehouse: 'w', rows: 1 }
    const rest = { startedAt: new Date().toISOString(), durationMs: 1, statistics: [], checks: [], metadata: {} }
    await store.assets.recordReport({ scope, report: newRunId(), revision: 1 }, { ...made, ...rest })
  }
  for (let from = 0; from < size; from += 8) await Promise.all(keys.slice(from, from + 8).map(materialize))

  const began = performance.now()
  await evaluated(client, scope)
  const first = Math.round(performance.now() - began)
  const nothingNew = performance.now()
  await evaluated(client, scope)
  const again = Math.round(performance.now() - nothingNew)
  const idling = await idle()

  const requestOf = async (changed: AssetKey): Promise<{ readonly ms: number; readonly targets: number }> => {
    const known = (await store.requests.list(scope, { limit: 1 }))[0]?.run
    versions.set(changed, `v:${newRunId()}`)
    await materialize(changed)
    const recorded = performance.now()
    await wakeAutomation(client, scope)
    for (;;) {
      const [latest] = await store.requests.list(scope, { limit: 1 })
      if (latest !== undefined && latest.run !== known) {
        return { ms: performance.now() - recorded, targets: latest.targets.length }
      }
      if (performance.now() - recorded > 60_000) throw new Error('no run was asked for')
      await delay(2)
    }
  }
  /** What was asked for is done, so that the next round finds all fresh. */
  const settle = async (targets: readonly AssetKey[]): Promise<void> => {
    for (let from = 0; from < targets.length; from += 8)
      await Promise.all(targets.slice(from, from + 8).map(materialize))
    await evaluated(client, scope)
  }
  const few = await timesOf(async () => {
    // A leaf's parent: few read it.
    const result = await requestOf(`trait/t${Math.floor(size / 2) - 10}`)
    await settle((await store.requests.list(scope, { limit: 1 }))[0]!.targets)
    return result
  }, rounds)
  const all = await timesOf(() => requestOf('source/s'), 1)
  return { assets: size, first, nothingNew: again, idle: { without, with: idling }, few, all }
}

async function timesOf(
  work: () => Promise<{ readonly ms: number; readonly targets: number }>,
  times: number,
): Promise<{ readonly ms: number; readonly targets: number }> {
  const found: { readonly ms: number; readonly targets: number }[] = []
  for (let time = 0; time < times; time++) found.push(await work())
  const sorted = found.map(({ ms }) => ms).sort((a, b) => a - b)
  return { ms: Math.round(sorted[Math.floor(times / 2)]!), targets: found[0]!.targets }
}

/** Wakes the conditions, and waits until there is nothing open any more. */
async function evaluated(client: Client, scope: Scope): Promise<void> {
  await wakeAutomation(client, scope)
  await client.workflow.getHandle(automationWorkflowId(scope)).result()
}

async function transactions(observer: Postgres): Promise<number> {
  await observer.query('select pg_stat_clear_snapshot()')
  const { rows } = await observer.query<{ count: string }>(
    'select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()',
  )
  return Number(rows[0]!.count)
}
