import type { EventStore } from '../store/store.ts'

/** Wakes whoever waits for events, with one listener on the store for all. */
export interface LiveFeed {
  /** Rises with every news. Take it before reading, and hand it to `wait` after. */
  news(): number
  /** Resolves once there are news after `seen`, after `timeoutMs` at the latest, or when the signal aborts. */
  wait(seen: number, timeoutMs: number, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/**
 * Notifications say only that there is something to read, so a lost one costs a delay, not an event: every reader
 * looks again when its wait times out.
 */
export function createLiveFeed(events: EventStore, onError: (error: unknown) => void): LiveFeed {
  const waiting = new Set<() => void>()
  let count = 0
  let listening: Promise<() => Promise<void>> | undefined

  const wakeAll = () => {
    count += 1
    for (const wake of [...waiting]) wake()
  }
  const ensureListening = () => {
    if (listening !== undefined) return
    listening = events.listen(wakeAll)
    listening.catch((error: unknown) => {
      listening = undefined
      onError(error)
    })
  }

  return {
    news: () => {
      ensureListening()
      return count
    },
    wait(seen, timeoutMs, signal) {
      if (signal.aborted || count > seen) return Promise.resolve()
      return new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake)
          clearTimeout(timer)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        const timer = setTimeout(wake, timeoutMs)
        signal.addEventListener('abort', wake)
        waiting.add(wake)
      })
    },
    async close() {
      const stop = await listening?.catch(() => undefined)
      await stop?.()
      wakeAll()
    },
  }
}
