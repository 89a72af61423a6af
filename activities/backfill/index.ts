import {
  poolsOfRun,
  TraitlineError,
  type AssetKey,
  type BackfillActivities,
  type BackfillInput,
} from '../../orchestrator/contract/index.ts'
import type { PartitionSet } from '../../orchestrator/graph/index.ts'
import { cutIntoBatches, selectedOf } from '../../orchestrator/plan/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import { asActivities, manifestIndex, openPartitionings, type Manifests } from '../runtime/index.ts'

export interface BackfillDeps {
  readonly store: Pick<Store, 'backfills' | 'partitions' | 'runs' | 'leases'>
  readonly manifests: Manifests
}

/** The record of backfills: what of one is next, and what became of what was. */
export function createBackfillActivities({ store, manifests }: BackfillDeps): BackfillActivities {
  const { backfills } = store
  return asActivities<BackfillActivities>({
    async planBackfill(input) {
      if (await backfills.isPlanned(input.backfill)) return
      const row = await backfills.get(input.backfill)
      const index = manifestIndex(await manifests(input, input.revision))
      const targeted = new Set(row!.targets)
      const targets = index.manifest.assets.filter(({ key }) => targeted.has(key))
      const partitionings = await openPartitionings(store.partitions, input, index.manifest, targets)
      const selected = new Map<AssetKey, PartitionSet>()
      for (const spec of targets) {
        const partitioning = partitionings(spec.key)
        if (partitioning === null) continue
        selected.set(spec.key, await selectedOf(store.partitions, input, spec, row!.partitions, partitioning))
      }
      if (selected.size === 0) throw nothingToFill(input)
      await backfills.savePlan(
        input.backfill,
        cutIntoBatches({ targets, partitionings, selected, size: row!.batchSize }),
      )
    },

    async claimBatches(input) {
      const { environment, project, backfill, revision, warehouseQueue, concurrency, limit } = input
      const scope = { environment, project }
      const [row, batches] = await Promise.all([backfills.get(backfill), backfills.claim(backfill, limit)])
      const tags = { backfill }
      const pools = [...(await store.leases.limited(environment, poolsOfRun(scope, tags)))]
      for (const { run, targets, partitions } of batches) {
        const { selection, force } = row!
        await store.runs.create({ scope, run: run!, revision, selection, targets, force, partitions, tags })
      }
      return batches.map(({ batch, run }) => ({
        batch,
        run: {
          ...{ environment, project, run: run!, revision, warehouseQueue, concurrency },
          ...(pools.length > 0 && { pools }),
        },
      }))
    },

    endBatch: ({ backfill, batch, run }) => backfills.endBatch(backfill, batch, run),
    pauseBackfill: ({ backfill, paused, underWay = [] }) => backfills.setPaused(backfill, paused, underWay),
    finishBackfill: ({ backfill, cancelled, failure }) => backfills.finish(backfill, { cancelled, failure }),
  })
}

function nothingToFill({ backfill }: BackfillInput): TraitlineError {
  return new TraitlineError({
    code: 'PARTITION_UNKNOWN',
    message: `backfill ${backfill} is of no asset that has partitions`,
    hint: 'Select at least one that has some.',
    blame: 'user',
  })
}
