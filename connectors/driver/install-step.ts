import { isTraitlineError, TraitlineError } from '../../orchestrator/contract/index.ts'
import { spawnOwned } from '../../orchestrator/process/index.ts'
import type { ResolveOptions } from './resolve.ts'

const stepTimeoutMs = 10 * 60_000
const keptLines = 12

export interface Package {
  readonly package: string
  readonly version: string
}

/** One program that installing runs. */
export interface Step {
  readonly program: string
  readonly args: readonly string[]
  /** The fix, by what it printed last. */
  readonly hintFor: (lines: readonly string[]) => string
  /** The fix if the program itself is not there. */
  readonly missing: string
}

/** Runs a step, its output as progress; answers the lines that it printed last. Throws CONNECTOR_INSTALL_FAILED. */
export async function runStep(
  ref: Package,
  { program, args, hintFor, missing }: Step,
  options: ResolveOptions,
): Promise<string[]> {
  const lines: string[] = []
  const onLine = (line: string): void => {
    if (lines.push(line) > keptLines) lines.shift()
    options.onProgress?.(line)
  }
  try {
    const { code, signal } = await spawnOwned(program, args, {
      env: options.env,
      timeoutMs: stepTimeoutMs,
      onStdoutLine: onLine,
      onStderrLine: onLine,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    if (code === 0) return lines
    const what = `${[program, ...args].join(' ')} ended with ${code ?? signal}:\n${lines.join('\n')}`
    throw installFailure(ref, what, hintFor(lines))
  } catch (error) {
    if (!isTraitlineError(error) || !error.code.startsWith('PROCESS_')) throw error
    throw installFailure(ref, error.message, missing, error)
  }
}

export function installFailure(ref: Package, reason: string, hint: string, cause?: unknown): TraitlineError {
  return new TraitlineError({
    code: 'CONNECTOR_INSTALL_FAILED',
    message: `Connector ${ref.package} ${ref.version} could not be installed: ${reason}`,
    hint,
    blame: 'config',
    cause,
  })
}
