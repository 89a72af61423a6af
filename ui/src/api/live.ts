import type { QueryClient, QueryKey } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import type { ApiEvent } from '../../../orchestrator/server/api.ts'
import { eventsAddress, type ProjectScope } from './client.ts'
import { staleKeys } from './invalidation.ts'

/** `live`: news arrive by themselves. `polling`: they are asked for, until the stream is back. */
export type LiveState = 'connecting' | 'live' | 'polling'

let state: LiveState = 'connecting'
const watchers = new Set<() => void>()

function setState(next: LiveState): void {
  if (state === next) return
  state = next
  for (const watcher of watchers) watcher()
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    () => state,
  )
}

const pollMs = 3000
const restMs = 300

/** For queries of what changes by itself: asked again every few seconds for as long as there is no stream. */
export function pollingInterval(): number | false {
  return state === 'live' ? false : pollMs
}

/**
 * Follows the project's events. They carry no data into the page: they only say which queries are stale, so that a
 * lost one costs nothing that the next would not bring. A page in the background lets its connection go, since a
 * browser has only six for all its tabs, and asks for everything again when it is looked at.
 */
export function followEvents(client: QueryClient, scope: ProjectScope): () => void {
  const refresher = createRefresher(client)
  let source: EventSource | undefined
  let last: string | null = null
  let retry: ReturnType<typeof setTimeout> | undefined

  const open = () => {
    const stream = new EventSource(eventsAddress(scope, last))
    source = stream
    stream.onopen = () => {
      // Whatever happened while there was no stream.
      if (state === 'polling') refresher.all()
      setState('live')
    }
    stream.onmessage = (message: MessageEvent<string>) => {
      last = message.lastEventId
      for (const key of staleKeys(JSON.parse(message.data) as ApiEvent)) refresher.add(key)
    }
    stream.onerror = () => {
      setState('polling')
      // A browser gives up after an answer that is no stream, such as 401 or 503.
      if (stream.readyState !== EventSource.CLOSED) return
      retry = setTimeout(open, pollMs)
    }
  }
  const close = () => {
    clearTimeout(retry)
    source?.close()
    source = undefined
  }
  const onVisibility = () => {
    if (document.hidden) {
      close()
    } else if (source === undefined) {
      open()
      refresher.all()
    }
  }

  document.addEventListener('visibilitychange', onVisibility)
  open()
  return () => {
    document.removeEventListener('visibilitychange', onVisibility)
    close()
    refresher.stop()
    setState('connecting')
  }
}

/** Gathers stale keys and refreshes them one batch at a time, so a storm of events never becomes one of requests. */
function createRefresher(client: QueryClient) {
  let waiting = new Map<string, QueryKey>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let busy = false
  let stopped = false

  const flush = async () => {
    timer = undefined
    const batch = [...waiting.values()]
    waiting = new Map()
    busy = true
    await Promise.all(batch.map((queryKey) => client.invalidateQueries({ queryKey }))).catch(() => undefined)
    busy = false
    if (waiting.size > 0) schedule()
  }
  const schedule = () => {
    if (timer !== undefined || busy || stopped) return
    timer = setTimeout(() => void flush(), restMs)
  }
  const add = (key: QueryKey) => {
    waiting.set(JSON.stringify(key), key)
    schedule()
  }
  return {
    add,
    all: () => add([]),
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
