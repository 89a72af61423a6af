import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { EventFilter } from '../store/store.ts'
import type { RouteDeps } from './deps.ts'

const heartbeatMs = 15_000
const batch = 500

/**
 * Streams events as they are committed. The id of each is its sequence, so a browser that reconnects goes on where
 * it was, by the Last-Event-ID that it sends.
 */
export function streamEvents(
  c: Context,
  { store, live, onError }: RouteDeps,
  input: {
    readonly filter: EventFilter
    readonly after: number
    /** True once no further events can come: what is there is delivered, then the stream ends. */
    readonly ended?: () => Promise<boolean>
  },
): Response {
  // Proxies that buffer would hold events back.
  c.header('X-Accel-Buffering', 'no')
  return streamSSE(c, async (stream) => {
    const abort = new AbortController()
    stream.onAbort(() => abort.abort())
    let position = input.after
    try {
      await stream.write('retry: 2000\n\n')
      while (!abort.signal.aborted) {
        const seen = live.news()
        // Asked before reading, so that whatever was recorded up to the end is read.
        const ended = await input.ended?.()
        const events = await store.events.after(position, input.filter, batch)
        for (const event of events) await stream.writeSSE({ id: String(event.sequence), data: JSON.stringify(event) })
        position = events.at(-1)?.sequence ?? position
        if (events.length === batch) continue
        if (ended === true) {
          await stream.writeSSE({ event: 'end', data: '', id: String(position) })
          return
        }
        await live.wait(seen, heartbeatMs, abort.signal)
        if (events.length === 0 && live.news() === seen && !abort.signal.aborted) await stream.write(': still here\n\n')
      }
    } catch (error) {
      // What went wrong is nobody's business at the other end, which reconnects by itself.
      if (!abort.signal.aborted) onError?.(error)
    }
  })
}

/** Where a reader wants to go on: what its browser remembers, else what the address says. */
export function resumeFrom(c: Context, asked: number | undefined): number | undefined {
  const header = c.req.header('last-event-id')
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : asked
}
