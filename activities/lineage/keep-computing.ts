import { setTimeout as delay } from 'node:timers/promises'
import type { Scope } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import { computeLineage, type LineageDeps } from './compute.ts'

export interface KeepComputingDeps extends LineageDeps {
  readonly store: { readonly lineage: Store['lineage']; readonly events: Pick<Store['events'], 'listen'> }
  readonly onError: (error: unknown) => void
}

/** Events come many a second while runs are under way. */
const leastPauseMs = 1_000

/** Looks even if nobody said that something was deployed: a claim may have run out. */
const lookEveryMs = 60_000

/**
 * Computes lineage whenever something was deployed, until the signal aborts. It is no part of any run: what fails here
 * is tried again later, and holds nothing up.
 */
export async function keepComputingLineage(
  deps: KeepComputingDeps,
  scopes: readonly Scope[],
  signal: AbortSignal,
): Promise<void> {
  let wake: () => void = () => undefined
  let woken = true
  const onEvents = (): void => {
    woken = true
    wake()
  }
  const stopListening = await deps.store.events.listen(onEvents).catch((error: unknown) => {
    deps.onError(error)
    return () => Promise.resolve()
  })
  signal.addEventListener('abort', onEvents, { once: true })
  try {
    while (!signal.aborted) {
      if (!woken) await pause(lookEveryMs, (resolve) => (wake = resolve))
      woken = false
      for (const scope of scopes) {
        await computeLineage(deps, scope).catch((error: unknown) => deps.onError(error))
      }
      if (!signal.aborted) await delay(leastPauseMs, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    signal.removeEventListener('abort', onEvents)
    await stopListening()
  }
}

function pause(ms: number, onWake: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    onWake(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
