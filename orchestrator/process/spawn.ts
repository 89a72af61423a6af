import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Duplex, Readable, Writable } from 'node:stream'
import { TraitlineError } from '../contract/index.ts'
import { ownGroup } from './reaper.ts'

export interface SpawnOptions {
  readonly cwd?: string
  /** The whole environment of the child, not an addition to ours. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Ends the child's whole group: SIGTERM, then SIGKILL after `graceMs`. */
  readonly signal?: AbortSignal
  readonly graceMs?: number
  /** The polite signal, SIGTERM unless said otherwise. */
  readonly stopSignal?: NodeJS.Signals
  /** Runs the child as another user: for root alone. */
  readonly uid?: number
  readonly gid?: number
  /** Ends it likewise, and `done` rejects with PROCESS_TIMEOUT. */
  readonly timeoutMs?: number
  readonly onStdoutLine?: (line: string) => void
  readonly onStderrLine?: (line: string) => void
  /** `pipe` keeps the raw streams for the caller; lines are then not read from stdout. */
  readonly stdin?: 'ignore' | 'pipe'
  readonly stdout?: 'lines' | 'pipe'
  /** Gives the child a socket to us as its descriptor 3. */
  readonly channel?: boolean
}

export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A child process in a group of its own, which dies with this process whatever ends it. */
export interface OwnedProcess {
  readonly pid: number
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  /** Our end of the child's descriptor 3, if it was given one. */
  readonly channel: Duplex | null
  /** Settles when the child has ended and its output was read. Rejects if it could not start, or timed out. */
  readonly done: Promise<ProcessEnd>
  /** Ends the whole group; resolves when the child has gone. */
  kill(graceMs?: number): Promise<void>
}

/** With the second that a cancellation takes to arrive, whatever ignores the polite signal is gone within five. */
const defaultGraceMs = 2_500

/** Starts a child process that has an owner. Throws PROCESS_NOT_FOUND or PROCESS_NOT_STARTED. */
export async function startOwned(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<OwnedProcess> {
  const child: ChildProcess = spawn(command, [...args], {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    uid: options.uid,
    gid: options.gid,
    stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe', ...(options.channel === true ? ['pipe' as const] : [])],
  })
  // A write to a child that has left is told by its exit, not by EPIPE.
  child.stdin?.on('error', () => undefined)
  await started(child, command)
  const pid = child.pid as number
  const disown = ownGroup(pid)

  const read: Promise<unknown>[] = [
    options.stdout === 'pipe' ? Promise.resolve() : lines(child.stdout as Readable, options.onStdoutLine),
    lines(child.stderr as Readable, options.onStderrLine),
  ]
  const exited = new Promise<ProcessEnd>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))

  const kill = async (graceMs = options.graceMs ?? defaultGraceMs): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      signalGroup(pid, options.stopSignal ?? 'SIGTERM')
      await Promise.race([exited, delay(graceMs)])
    }
    signalGroup(pid, 'SIGKILL')
    await exited
  }

  let timedOut = false
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true
          void kill()
        }, options.timeoutMs)
  const onAbort = (): void => void kill()
  if (options.signal?.aborted === true) onAbort()
  else options.signal?.addEventListener('abort', onAbort, { once: true })

  const done = (async () => {
    const end = await exited
    // A grandchild may hold our pipes open after the child has gone: what it started goes with it.
    const drained = await Promise.race([closed.then(() => true), delay(1_000).then(() => false)])
    if (!drained) signalGroup(pid, 'SIGKILL')
    await Promise.race([Promise.all(read), delay(1_000)])
    disown()
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', onAbort)
    if (timedOut) {
      throw new TraitlineError({
        code: 'PROCESS_TIMEOUT',
        message: `${command} did not end within ${(options.timeoutMs ?? 0) / 1000} s and was stopped`,
        hint: 'Look at its log for what it waited for, or allow it more time.',
        blame: 'system',
      })
    }
    return end
  })()
  done.catch(() => undefined)

  return {
    ...{ pid, stdin: child.stdin, stdout: options.stdout === 'pipe' ? child.stdout : null },
    ...{ channel: options.channel === true ? (child.stdio[3] as Duplex) : null, done, kill },
  }
}

/** Runs a child process to its end: see `startOwned`. */
export async function spawnOwned(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<ProcessEnd> {
  return (await startOwned(command, args, options)).done
}

function started(child: ChildProcess, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new TraitlineError({
          code: error.code === 'ENOENT' ? 'PROCESS_NOT_FOUND' : 'PROCESS_NOT_STARTED',
          message: `${command} could not be started: ${error.code === 'ENOENT' ? 'no such program' : error.code}`,
          hint: 'Check that it is installed and may be executed.',
          blame: 'config',
          cause: error,
        }),
      ),
    )
  })
}

function lines(stream: Readable, onLine: ((line: string) => void) | undefined): Promise<void> {
  if (onLine === undefined) {
    stream.resume()
    return new Promise((resolve) => stream.once('close', resolve))
  }
  const reader = createInterface({ input: stream, crlfDelay: Infinity })
  reader.on('line', onLine)
  return new Promise((resolve) => reader.once('close', resolve))
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal)
  } catch {
    // The group has gone already.
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
