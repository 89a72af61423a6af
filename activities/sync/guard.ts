import { TraitlineError } from '../../orchestrator/contract/index.ts'

/** Removals from which a run is stopped: both have to be reached. */
export const removalGuard = { share: 0.1, rows: 100 } as const

export interface GuardedCounts {
  readonly desired: number
  readonly removed: number
  /** Keys that the sync delivered and that a mirror may remove. */
  readonly removable: number
}

/** Stops, before anything is sent, what looks like a broken source. Throws SYNC_GUARD. */
export function guardRemovals(sync: string, { desired, removed, removable }: GuardedCounts): void {
  if (removed === 0) return
  const reason =
    desired === 0
      ? `its source is empty, and all ${removed} rows that it delivered would be removed`
      : removed >= removalGuard.rows && removed > removalGuard.share * removable
        ? `it would remove ${removed} of the ${removable} rows that it delivered, more than ${removalGuard.share * 100} %`
        : null
  if (reason === null) return
  throw new TraitlineError({
    code: 'SYNC_GUARD',
    message: `${sync} was stopped before anything was sent: ${reason}`,
    hint: `Look at what left its source. If it is right, allow it once: traitline materialize ${sync} --force`,
    blame: 'user',
  })
}
