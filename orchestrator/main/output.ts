import { isTraitlineError, type Failure } from '../contract/index.ts'

/** Exit codes: 1 for what went wrong, 2 for usage and definitions. */
export const exitCodes = { failed: 1, usage: 2 } as const

export function line(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/**
 * Prints one clear error, without a stack unless `verbose`, and answers the exit code that it means. Where a program
 * reads the output, the error is JSON too: `{ error: { code, message, hint } }`.
 */
export function reportError(error: unknown, verbose: boolean, json = false): number {
  if (json && isTraitlineError(error)) {
    const { code, message, hint, blame } = error
    process.stderr.write(`${JSON.stringify({ error: { code, message, hint, blame } })}\n`)
    return blame === 'user' ? exitCodes.usage : exitCodes.failed
  }
  if (isTraitlineError(error)) {
    process.stderr.write(`error ${error.code}: ${error.message}\n  fix: ${error.hint}\n`)
    if (verbose) process.stderr.write(`${stackOf(error)}\n`)
    return error.blame === 'user' ? exitCodes.usage : exitCodes.failed
  }
  const fields = error as { code?: unknown; hint?: unknown; message?: unknown } | null
  if (typeof fields?.hint === 'string') {
    process.stderr.write(`error ${String(fields.code)}: ${String(fields.message)}\n  fix: ${fields.hint}\n`)
    return exitCodes.failed
  }
  process.stderr.write(`error INTERNAL: ${error instanceof Error ? error.message : String(error)}\n`)
  process.stderr.write(
    verbose ? `${stackOf(error)}\n` : '  fix: Run it again with --verbose for where it happened, and report it.\n',
  )
  return exitCodes.failed
}

/** One line, or more of them below it: what another program said may have several. */
export function failureText(failure: Failure): string {
  return `${failure.code}: ${failure.message.replaceAll('\n', '\n    ')}\n    fix: ${failure.hint}`
}

export function duration(ms: number): string {
  return ms < 1_000
    ? `${Math.round(ms)} ms`
    : ms < 60_000
      ? `${(ms / 1_000).toFixed(1)} s`
      : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`
}

export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
