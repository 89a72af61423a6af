import type { Command } from 'commander'
import { findConnections } from '../connections.ts'
import { line } from '../output.ts'
import { openRecords } from '../records.ts'
import type { RunRow } from '../../store/store.ts'
import { runLine } from '../run-watch.ts'
import { knownRun } from './known-run.ts'
import type { CommandContext } from './context.ts'

export function cancelCommand(program: Command, context: CommandContext): void {
  program
    .command('cancel')
    .description('stop a run: what works for it ends within seconds, what it has materialised stays')
    .argument('<run>')
    .option('--no-wait', 'ask, and do not wait for its end')
    .option('--json', 'the run as JSON, as the API answers', false)
    .action((run: string, options: CancelOptions) => cancelRun(context, run, options))
}

export interface CancelOptions {
  readonly wait: boolean
  readonly json: boolean
}

/** Asks the run to stop, and with `wait` tells what became of it. */
export async function cancelRun(context: CommandContext, run: string, { wait, json }: CancelOptions): Promise<void> {
  const print = (row: RunRow): void =>
    line(json ? JSON.stringify({ ...row, targets: row.targets.length }, null, 2) : runLine(row))
  const records = await openRecords(await findConnections(context.settings(), context.env), 'traitline cancel')
  try {
    const row = await knownRun(records.store, run)
    if (row.endedAt !== null) return print(row)
    await records.launcher.cancelRun(row, run)
    if (wait) print(await records.launcher.waitForRun(row, run))
  } finally {
    await records.close()
  }
}
