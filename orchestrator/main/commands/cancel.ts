import type { Command } from 'commander'
import { findConnections } from '../connections.ts'
import { line } from '../output.ts'
import { openRecords } from '../records.ts'
import { runLine } from '../run-watch.ts'
import { knownRun } from './known-run.ts'
import type { CommandContext } from './context.ts'

export function cancelCommand(program: Command, context: CommandContext): void {
  program
    .command('cancel')
    .description('stop a run: what works for it ends within seconds, what it has materialised stays')
    .argument('<run>')
    .option('--no-wait', 'ask, and do not wait for its end')
    .action((run: string, options: { readonly wait: boolean }) => cancelRun(context, run, options.wait))
}

/** Asks the run to stop, and with `wait` tells what became of it. */
export async function cancelRun(context: CommandContext, run: string, wait: boolean): Promise<void> {
  const records = await openRecords(await findConnections(context.settings(), context.env), 'traitline cancel')
  try {
    const row = await knownRun(records.store, run)
    if (row.endedAt !== null) return line(runLine(row))
    await records.launcher.cancelRun(row, run)
    if (wait) line(runLine(await records.launcher.waitForRun(row, run)))
  } finally {
    await records.close()
  }
}
