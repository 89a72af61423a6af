/**
 * What a slot of a pool costs: runs of no-op assets whose steps need one, in a pool so wide that nobody waits and in one
 * so narrow that most do, beside the same run without a pool, on the same server in turns. Prints one line of JSON;
 * times in milliseconds an asset.
 */
import { warehouseQueue, type Manifest } from '../orchestrator/contract/index.ts'
import { createLauncher } from '../orchestrator/launch/index.ts'
import { noopManifest, startNoopWorkers } from './parts/noop-project.ts'
import { benchOnStack, type BenchStack } from './parts/stack.ts'

const assets = 200
const concurrency = 50
const rounds = 2
/** Slots by kind of run: as many as there are steps under way, and a fifth of them. */
const slots = { none: null, wide: concurrency, narrow: concurrency / 5 } as const
type Kind = keyof typeof slots
const kinds = Object.keys(slots) as Kind[]

const scopeOf = (kind: Kind) => ({ environment: 'bench', project: kind })

function manifestOf(kind: Kind): Manifest {
  const limit = slots[kind]
  return noopManifest(kind, assets, limit === null ? undefined : { slots: limit })
}

await benchOnStack(measure)

async function measure(stack: BenchStack): Promise<object> {
  const { client, store } = stack
  const launcher = createLauncher({ client, store })
  const workers = await startNoopWorkers(stack, kinds.map(scopeOf))
  try {
    const manifests = new Map(kinds.map((kind) => [kind, manifestOf(kind)]))
    const diff = { added: [], removed: [], changed: [], described: [], settings: [] }
    for (const [kind, manifest] of manifests) {
      const deployed = { scope: scopeOf(kind), manifest, manifestHash: kind, diff, deployedBy: null }
      await store.revisions.deploy(deployed)
    }
    const ms: Record<Kind, number[]> = { none: [], wide: [], narrow: [] }
    // The first round warms up.
    for (let round = 0; round <= rounds; round++) {
      for (const [kind, manifest] of manifests) {
        const scope = scopeOf(kind)
        const began = performance.now()
        const { run } = await launcher.startRun({
          ...{ scope, revision: 1, manifest, selection: '*', force: true, concurrency },
          targets: manifest.assets.map(({ key }) => key),
          warehouseQueue: warehouseQueue('bench', scope),
        })
        const { status } = await launcher.waitForRun(scope, run)
        if (status !== 'succeeded') throw new Error(`the run ${kind} ${status}`)
        if (round > 0) ms[kind].push((performance.now() - began) / assets)
      }
    }
    const ratio = (kind: Kind): number =>
      rounded(ms[kind].reduce((sum, time, at) => sum + time / (ms.none[at] as number), 0) / rounds)
    const rows = Object.fromEntries(kinds.map((kind) => [kind, ms[kind].map(rounded)]))
    return {
      bench: 'pools',
      assets,
      concurrency,
      slots,
      ms: rows,
      wideRatio: ratio('wide'),
      narrowRatio: ratio('narrow'),
    }
  } finally {
    await workers.stop()
  }
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
