import { randomUUID } from 'node:crypto'
import type { Readable, Writable } from 'node:stream'
import { spawnOwned, startOwned, type ProcessEnd } from '../../orchestrator/process/index.ts'
import { rateLimitsVariable } from '../protocol/index.ts'
import type { ConnectorCommand } from './driver.ts'
import { nameOf, startFailure } from './failures.ts'
import { privateFiles } from './private-files.ts'
import { RateDesk, type RateLimits } from './rate-limits.ts'

const engineTimeoutMs = 15_000
const mountedAt = '/traitline'

export type Operation = 'spec' | 'check' | 'discover' | 'write'

export interface Running {
  readonly stdin: Writable
  readonly stdout: Readable
  /** Where it asks for its share of rates, if it was offered any. */
  readonly rates: RateDesk | null
  /** Settles when the program and its container have gone and its files are removed. */
  readonly done: Promise<ProcessEnd>
  kill(): Promise<void>
}

/**
 * Starts one operation of a connector, with each of `files` as an option that names a private file. The program, what
 * it starts and its container die with this process.
 */
export async function launch(
  command: ConnectorCommand,
  operation: Operation,
  files: Readonly<Record<string, unknown>>,
  onStderrLine: (line: string) => void,
  rateLimits?: RateLimits,
): Promise<Running> {
  const container = command.image === undefined ? null : `traitline-${randomUUID()}`
  const written = await privateFiles(files, container !== null)
  const options = Object.keys(files).flatMap((name) => [
    `--${name}`,
    container === null ? written.path(name) : `${mountedAt}/${name}.json`,
  ])
  const args = [...command.args, ...containerArgs(command, container, written.folder), operation, ...options]
  // A container's engine would keep the descriptor to itself.
  const shares = rateLimits !== undefined && container === null
  const process = await startOwned(command.command, args, {
    env: shares ? { ...command.env, [rateLimitsVariable]: '3' } : command.env,
    channel: shares,
    stdin: 'pipe',
    stdout: 'pipe',
    onStderrLine,
  }).catch(async (error: unknown) => {
    await written.remove()
    throw startFailure(error, nameOf(command))
  })
  let gone = false
  const done = process.done.finally(async () => {
    // Whatever it started and left behind goes too.
    await process.kill()
    await written.remove()
    gone = true
  })
  done.catch(() => undefined)
  return {
    stdin: process.stdin as Writable,
    stdout: process.stdout as Readable,
    rates: rateLimits === undefined || process.channel === null ? null : new RateDesk(process.channel, rateLimits),
    done,
    async kill() {
      if (gone) return
      await Promise.all([process.kill(), container === null ? undefined : killContainer(command, container)])
      await done.catch(() => undefined)
    },
  }
}

function containerArgs({ image }: ConnectorCommand, container: string | null, folder: string): string[] {
  if (image === undefined || container === null) return []
  return ['run', '--rm', '--interactive', '--name', container, '--volume', `${folder}:${mountedAt}:ro`, image]
}

/** The engine's client may die without its container, so the container is ended by name. */
async function killContainer(command: ConnectorCommand, container: string): Promise<void> {
  const options = { env: command.env, timeoutMs: engineTimeoutMs, graceMs: 1_000 }
  await spawnOwned(command.command, [...command.args, 'kill', container], options).catch(() => undefined)
}
