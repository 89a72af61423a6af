import { setTimeout as delay } from 'node:timers/promises'
import type { Scope } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import { tellAlerts, type TellDeps } from './tell.ts'

export interface KeepTellingDeps extends TellDeps {
  readonly store: Pick<Store, 'alerts' | 'revisions' | 'outbox' | 'events'>
  readonly onError: (error: unknown) => void
}

/** Events come many a second while runs are under way. */
const leastPauseMs = 500
/** Looks even if nobody said that something happened. */
const lookEveryMs = 30_000

/** Tells alerts until the signal aborts. It is no part of any run: what fails here is tried again, and holds nothing up. */
export async function keepTelling(deps: KeepTellingDeps, scopes: readonly Scope[], signal: AbortSignal): Promise<void> {
  let woken = new AbortController()
  const stopListening = await deps.store.events
    .listen(() => woken.abort())
    .catch((error: unknown) => {
      deps.onError(error)
      return () => Promise.resolve()
    })
  try {
    while (!signal.aborted) {
      woken = new AbortController()
      let waitMs = lookEveryMs
      for (const scope of scopes) {
        const dueInMs = await tellAlerts(deps, scope, signal).catch((error: unknown) => {
          deps.onError(error)
          return null
        })
        if (dueInMs !== null) waitMs = Math.min(waitMs, dueInMs)
      }
      await pause(leastPauseMs, signal)
      await pause(waitMs, AbortSignal.any([signal, woken.signal]))
    }
  } finally {
    await stopListening()
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await delay(ms, undefined, { signal }).catch(() => undefined)
}
