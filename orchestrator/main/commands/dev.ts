import type { Command } from 'commander'
import { exitCodes, line, reportError } from '../output.ts'
import { printDeployed } from '../deploy-project.ts'
import { startSession, type Session } from '../session.ts'
import type { CommandContext } from './context.ts'

export function devCommand(program: Command, context: CommandContext): void {
  program
    .command('dev')
    .description('start the embedded stack, a worker and the server, and deploy the project')
    .action(async () => {
      await withSession(context, async (session, stopped) => {
        for (const { deployed } of session.locations) printDeployed(deployed)
        printUrls(session)
        await stopped
        return 0
      })
    })
}

/**
 * Runs `work` in a session that is stopped whatever happens; Ctrl-C resolves `stopped`, and again ends at once. So does
 * one while the session starts: nothing is under way, and what was started dies with this process.
 */
export async function withSession(
  context: CommandContext,
  work: (session: Session, stopped: Promise<void>) => Promise<number>,
): Promise<void> {
  let broken: unknown
  let stop: () => void = () => undefined
  const stopped = new Promise<void>((resolve) => (stop = resolve))
  let started = false
  let signals = 0
  const onSignal = (): void => {
    signals++
    if (!started || signals > 1) process.exit(exitCodes.failed)
    stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)

  const session = await startSession(context.settings(), context.env, {
    verbose: context.verbose(),
    say: line,
    onBroken: (error) => {
      broken = error
      stop()
    },
  })
  started = true
  try {
    process.exitCode = await work(session, stopped)
  } finally {
    if (signals > 0) line('stopping')
    await session.stop()
  }
  if (broken !== undefined) process.exitCode = reportError(broken, context.verbose())
}

export function printUrls(session: Session): void {
  line()
  line(`  Traitline  ${session.url}`)
  if (session.temporalUiUrl !== null) line(`  Temporal   ${session.temporalUiUrl}`)
  line()
  line('Ctrl-C stops everything.')
}
