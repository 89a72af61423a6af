import type { PlanStep, Scope } from '../../orchestrator/contract/index.ts'
import type { LogStore, LogStream } from '../../orchestrator/store/store.ts'

export interface StepLog {
  write(stream: LogStream, text: string): void
  /** Writes what is left. A log that cannot be kept never fails a step. */
  close(): Promise<void>
}

const flushMs = 500
/** Of one batch. How much a step keeps in all is the store's to say. */
const mostLines = 5_000
const mostCharacters = 1_000_000
const longestLine = 4_000

/** Output of a child process on its way to the store, a batch every half second. */
export function openStepLog(
  logs: Pick<LogStore, 'append'>,
  input: Scope & { readonly run: string; readonly step: Pick<PlanStep, 'id'> },
  clock: () => Date,
): StepLog {
  const { environment, project, run } = input
  let lines: { at: string; stream: LogStream; text: string }[] = []
  let characters = 0
  let dropped = 0
  let writing = Promise.resolve()

  const flush = (): void => {
    if (dropped > 0) {
      const text = `… ${dropped} lines were printed faster than they can be kept, and are left out here`
      lines.push({ at: clock().toISOString(), stream: 'structured', text })
    }
    if (lines.length === 0) return
    const batch = lines
    lines = []
    characters = 0
    dropped = 0
    writing = writing
      .then(() => logs.append({ scope: { environment, project }, run, step: input.step.id, lines: batch }))
      .catch(() => undefined)
  }
  const timer = setInterval(flush, flushMs)
  timer.unref()
  return {
    write(stream, text) {
      // A program that floods its output faster than it can be stored must not fill memory.
      if (lines.length >= mostLines || characters >= mostCharacters) {
        dropped++
        return
      }
      const more = text.length - longestLine
      const kept = more > 0 ? `${text.slice(0, longestLine)}… (${more} more characters)` : text
      characters += kept.length
      lines.push({ at: clock().toISOString(), stream, text: kept })
    },
    async close() {
      clearInterval(timer)
      flush()
      await writing
    },
  }
}

/** A log store that keeps no secrets: `redact` goes over every line on its way in. */
export function redactedLogs<Logs extends Pick<LogStore, 'append'>>(
  logs: Logs,
  redact: (text: string) => string,
): Logs {
  return {
    ...logs,
    append: (input) =>
      logs.append({ ...input, lines: input.lines.map((line) => ({ ...line, text: redact(line.text) })) }),
  }
}
