import { type RemovalGuard, TraitlineError } from '../../orchestrator/contract/index.ts'

/**
 * Removals from which a run is stopped: as many rows, and more than that share of what was delivered. Of few rows a
 * large share has to go, since there a tenth is everyday; of fewer than ten, nothing is made.
 */
export const removalGuards = [
  { rows: 100, share: 0.1 },
  { rows: 10, share: 0.5 },
] as const

export interface GuardedCounts {
  /** Rows that the source has and that could be sent: those with a null or duplicate key are none. */
  readonly usable: number
  readonly removed: number
  /** Keys that the sync delivered and that a mirror may remove. */
  readonly removable: number
  /** What the sync says of it. */
  readonly guard?: RemovalGuard | undefined
}

/** Stops, before anything is sent, what looks like a broken source. Throws SYNC_GUARD. */
export function guardRemovals(sync: string, { usable, removed, removable, guard }: GuardedCounts): void {
  if (removed === 0) return
  const guards = guard === undefined ? removalGuards : [guard]
  const broken = guards.find(({ rows, share }) => removed >= rows && removed > share * removable)
  const reason =
    usable === 0
      ? `its source has no row that could be sent, and ${removed} rows that it delivered would be removed`
      : broken !== undefined
        ? `it would remove ${removed} of the ${removable} rows that it delivered, more than ${Math.round(broken.share * 1000) / 10} %`
        : null
  if (reason === null) return
  throw new TraitlineError({
    code: 'SYNC_GUARD',
    message: `${sync} was stopped before anything was sent: ${reason}`,
    hint: `Look at what left its source. If it is right, allow it once: traitline sync run ${sync} --allow-removals`,
    blame: 'user',
  })
}
