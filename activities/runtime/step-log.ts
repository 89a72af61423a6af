import type { StepInput } from '../../orchestrator/contract/index.ts'
import type { LogStore, LogStream } from '../../orchestrator/store/store.ts'

export interface StepLog {
  write(stream: LogStream, text: string): void
  /** Writes what is left. A log that cannot be kept never fails a step. */
  close(): Promise<void>
}

const flushMs = 500
const mostLines = 5_000
const longestLine = 4_000

/** Output of a child process on its way to the store, a batch every half second. */
export function openStepLog(logs: Pick<LogStore, 'append'>, input: StepInput, clock: () => Date): StepLog {
  const { environment, project, run } = input
  let lines: { at: string; stream: LogStream; text: string }[] = []
  let dropped = 0
  let writing = Promise.resolve()

  const flush = (): void => {
    if (dropped > 0)
      lines.push({ at: clock().toISOString(), stream: 'structured', text: `(${dropped} lines left out)` })
    if (lines.length === 0) return
    const batch = lines
    lines = []
    dropped = 0
    writing = writing
      .then(() => logs.append({ scope: { environment, project }, run, step: input.step.id, lines: batch }))
      .catch(() => undefined)
  }
  const timer = setInterval(flush, flushMs)
  return {
    write(stream, text) {
      // A program that floods its output faster than it can be stored must not fill memory.
      if (lines.length < mostLines) lines.push({ at: clock().toISOString(), stream, text: text.slice(0, longestLine) })
      else dropped++
    },
    async close() {
      clearInterval(timer)
      flush()
      await writing
    },
  }
}
