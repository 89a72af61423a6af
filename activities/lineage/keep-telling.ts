import { setTimeout as delay } from 'node:timers/promises'
import type { Scope } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import { computeLineage, type LineageDeps } from './compute.ts'

export interface KeepTellingDeps extends LineageDeps {
  readonly store: { readonly lineage: Store['lineage']; readonly events: Pick<Store['events'], 'listen'> }
  /**
   * Tells others what happened; see `publish`. Answers in how many milliseconds there is something to do, null for
   * when something happens.
   */
  readonly publish?: (scope: Scope, signal: AbortSignal) => Promise<number | null>
  readonly onError: (error: unknown) => void
}

/** Events come many a second while runs are under way. */
const leastPauseMs = 1_000

/** Looks even if nobody said that anything happened: a claim may have run out. */
const lookEveryMs = 60_000

/**
 * Computes the lineage of what was deployed, and tells others what happened, until the signal aborts. It is no part of
 * any run: what fails here is tried again later, and holds nothing up.
 */
export async function keepTellingLineage(
  deps: KeepTellingDeps,
  scopes: readonly Scope[],
  signal: AbortSignal,
): Promise<void> {
  let woken = new AbortController()
  const wake = (): void => woken.abort()
  const stopListening = await deps.store.events.listen(wake).catch((error: unknown) => {
    deps.onError(error)
    return () => Promise.resolve()
  })
  signal.addEventListener('abort', wake, { once: true })
  try {
    while (!signal.aborted) {
      woken = new AbortController()
      let next = lookEveryMs
      for (const scope of scopes) next = Math.min(next, await lookAt(deps, scope, signal))
      await pause(leastPauseMs, signal)
      if (!signal.aborted) await pause(Math.max(0, next - leastPauseMs), woken.signal)
    }
  } finally {
    signal.removeEventListener('abort', wake)
    await stopListening()
  }
}

/** Lineage first: what is told of a run has it in. */
async function lookAt(deps: KeepTellingDeps, scope: Scope, signal: AbortSignal): Promise<number> {
  try {
    await computeLineage(deps, scope)
    return (await deps.publish?.(scope, signal)) ?? lookEveryMs
  } catch (error) {
    if (!signal.aborted) deps.onError(error)
    return lookEveryMs
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}
