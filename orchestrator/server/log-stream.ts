import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { RouteDeps } from './deps.ts'

const pollMs = 500
const heartbeatMs = 15_000
const batch = 1_000

/**
 * Streams a step's lines as they are kept. Lines come in batches a second apart at most and are announced to nobody:
 * a notification a batch would wake every reader of events. So each reader of a log looks for itself.
 */
export function streamLog(
  c: Context,
  { store, live, onError }: RouteDeps,
  { run, step, after }: { readonly run: string; readonly step: string; readonly after: number },
): Response {
  c.header('X-Accel-Buffering', 'no')
  return streamSSE(c, async (stream) => {
    const abort = new AbortController()
    stream.onAbort(() => abort.abort())
    let position = after
    let quietSince = Date.now()
    try {
      await stream.write('retry: 2000\n\n')
      while (!abort.signal.aborted) {
        const seen = live.news()
        // Asked before reading, so that whatever was kept up to the end is read.
        const ended = await store.runs.stepEnded(run, step)
        const lines = await store.logs.read(run, step, { after: position, limit: batch })
        for (const line of lines) await stream.writeSSE({ id: String(line.number), data: JSON.stringify(line) })
        position = lines.at(-1)?.number ?? position
        if (lines.length === batch) continue
        if (ended) {
          await stream.writeSSE({ event: 'end', data: '', id: String(position) })
          return
        }
        if (lines.length > 0) quietSince = Date.now()
        else if (Date.now() - quietSince > heartbeatMs) {
          await stream.write(': still here\n\n')
          quietSince = Date.now()
        }
        await live.wait(seen, pollMs, abort.signal)
      }
    } catch (error) {
      if (!abort.signal.aborted) onError?.(error)
    }
  })
}
