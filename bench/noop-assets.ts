/**
 * What a no-op asset costs in a run of 2,000, planned, judged and recorded in PostgreSQL, beside a bare child workflow
 * with one local activity on the same server in the same run, and beside Dagster in process with SQLite. Prints one line
 * of JSON; times in milliseconds an asset.
 */
import { Worker } from '@temporalio/worker'
import { warehouseQueue } from '../orchestrator/contract/index.ts'
import { createLauncher } from '../orchestrator/launch/index.ts'
import { noopManifest, running, startNoopWorkers } from './parts/noop-project.ts'
import { benchOnStack, bundleOf, type BenchStack } from './parts/stack.ts'
import { measureDagster } from './peers/dagster.ts'

const assets = 2_000
const concurrency = 50
const rounds = 2
/** Dagster's cost an asset is the same from 50 to 200. */
const dagsterAssets = 100
const scope = { environment: 'bench', project: 'bench' }
const manifest = noopManifest(scope.project, assets)

await benchOnStack(measure)

async function measure(stack: BenchStack): Promise<object> {
  const { client, store } = stack
  const workers = [await startNoopWorkers(stack, [scope]), await startBareWorker(stack)]
  try {
    const revision = await store.revisions.deploy({
      scope,
      manifest,
      manifestHash: 'bench',
      diff: { added: [], removed: [], changed: [], described: [], settings: [] },
      deployedBy: null,
    })
    await store.assets.register(scope, manifest.assets)
    const launcher = createLauncher({ client, store })
    const ours: number[] = []
    const bare: number[] = []
    // The first round warms both up.
    for (let round = 0; round <= rounds; round++) {
      const began = performance.now()
      const { run } = await launcher.startRun({
        scope,
        revision: revision.number,
        manifest,
        selection: '*',
        targets: manifest.assets.map(({ key }) => key),
        force: true,
        concurrency,
        warehouseQueue: warehouseQueue('bench', scope),
      })
      await launcher.waitForRun(scope, run)
      const middle = performance.now()
      await client.workflow.execute('bareParent', {
        taskQueue: 'bare',
        workflowId: `bare-${round}`,
        args: [assets, concurrency],
      })
      if (round === 0) continue
      ours.push((middle - began) / assets)
      bare.push((performance.now() - middle) / assets)
    }
    const ratios = ours.map((time, round) => time / (bare[round] as number))
    const dagster = await measureDagster('noop', dagsterAssets)
    return {
      bench: 'noop-assets',
      assets,
      concurrency,
      ms: round3(ours),
      bareMs: round3(bare),
      ratio: median(ratios),
      dagster,
      dagsterRatio: dagster && round3([median(ours) / (dagster.ms['asset'] ?? 0)])[0],
      aim: 1.3,
    }
  } finally {
    for (const each of workers) await each.stop()
  }
}

async function startBareWorker({ native }: BenchStack) {
  const worker = await Worker.create({
    connection: native,
    reuseV8Context: true,
    maxCachedWorkflows: 1_000,
    taskQueue: 'bare',
    workflowBundle: await bundleOf('bench/noop-workflows.ts'),
    activities: { nothing: () => Promise.resolve() },
  })
  return running([worker])
}

function median(values: readonly number[]): number {
  return round3([...values].sort((a, b) => a - b))[Math.floor(values.length / 2)] as number
}

function round3(values: readonly number[]): number[] {
  return values.map((value) => Math.round(value * 1_000) / 1_000)
}
