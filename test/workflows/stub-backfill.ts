import type { BackfillActivities } from '../../orchestrator/contract/index.ts'
import type { Recorded } from './stub-activities.ts'

/** The record of a backfill of three batches, each a run of the story's steps. */
export function stubBackfill(recorded: Recorded): BackfillActivities {
  const batches: ('waiting' | 'running' | 'ended')[] = ['waiting', 'waiting', 'waiting']
  return {
    async planBackfill() {
      recorded.trail.push('plan backfill')
    },
    async claimBatches({ environment, project, backfill, revision, warehouseQueue, concurrency, limit }) {
      const open = batches.flatMap((status, batch) => (status === 'ended' ? [] : [batch])).slice(0, limit)
      for (const batch of open) batches[batch] = 'running'
      return open.map((batch) => ({
        batch,
        run: { environment, project, revision, warehouseQueue, concurrency, run: `${backfill}-${batch}` },
      }))
    },
    async endBatch({ batch }) {
      batches[batch] = 'ended'
      recorded.trail.push(`end batch ${batch}`)
    },
    async pauseBackfill({ paused }) {
      recorded.trail.push(paused ? 'paused' : 'resumed')
    },
    async finishBackfill({ cancelled, failure }) {
      return cancelled ? 'cancelled' : failure === null ? 'succeeded' : 'failed'
    },
  }
}
