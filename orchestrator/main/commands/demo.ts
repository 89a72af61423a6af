import type { Command } from 'commander'
import { line } from '../output.ts'
import { printDeployed } from '../deploy-project.ts'
import { runLine, watchRun } from '../run-watch.ts'
import { summarise } from '../summary.ts'
import type { CommandContext } from './context.ts'
import { printUrls, withSession } from './dev.ts'
import { startRun } from './materialize.ts'

export function demoCommand(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .description('like dev, and materialise the whole project at once')
    .option('--exit', 'stop when the run has ended; exit code 0 only if every asset succeeded', false)
    .action(async (options: { readonly exit: boolean }) => {
      await withSession(context, async (session, stopped) => {
        printDeployed(session.deployed)
        const { deployed, store, launcher, warehouse } = session
        const { run } = await startRun({
          launcher,
          target: deployed,
          selection: '*',
          force: false,
          warehouse,
        })
        const interrupt = new AbortController()
        void stopped.then(() => interrupt.abort())
        const row = await watchRun(store, run, { signal: interrupt.signal }).catch(async (error: unknown) => {
          if (!interrupt.signal.aborted) throw error
          await launcher.cancelRun(deployed.scope, run)
          return null
        })
        if (row === null) return 1
        line(runLine(row))
        if (!options.exit) {
          printUrls(session)
          await stopped
          return 0
        }
        line(JSON.stringify(await summarise(session, row)))
        return row.status === 'succeeded' ? 0 : 1
      })
    })
}
