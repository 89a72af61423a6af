import type { Command } from 'commander'
import { findConnections } from '../connections.ts'
import { line } from '../output.ts'
import { latestRevision, openRecords, openStore } from '../records.ts'
import { assetLine, runLine } from '../run-watch.ts'
import { TraitlineError } from '../../contract/index.ts'
import type { Store } from '../../store/index.ts'
import type { CommandContext } from './context.ts'

export function runsCommand(program: Command, context: CommandContext): void {
  const runs = program.command('runs').description('list, show and cancel runs')

  runs
    .command('list', { isDefault: true })
    .description('the latest runs')
    .option('--limit <number>', 'how many', (text) => Number.parseInt(text, 10), 20)
    .option('--name <project>', 'the project, if the environment has several')
    .action(async (options: { readonly limit: number; readonly name?: string }) => {
      await withStore(context, async (store) => {
        const { scope } = await latestRevision(store, context.settings().environment, options.name ?? null)
        for (const run of await store.runs.list(scope, { limit: options.limit })) {
          line(`${run.run}  ${run.status.padEnd(10)} ${run.queuedAt}  ${run.selection}`)
        }
      })
    })

  runs
    .command('show')
    .description('what became of each asset of a run')
    .argument('<run>')
    .action(async (run: string) => {
      await withStore(context, async (store) => {
        const row = (await store.runs.get(run)) ?? unknown(run)
        for (const asset of await store.runs.assets(run)) line(assetLine(asset))
        line(runLine(row))
      })
    })

  runs
    .command('cancel')
    .description('ask a run to stop; it ends the steps under way first')
    .argument('<run>')
    .action(async (run: string) => {
      const records = await openRecords(await findConnections(context.settings(), context.env), 'traitline runs')
      try {
        const { environment, project } = (await records.store.runs.get(run)) ?? unknown(run)
        await records.launcher.cancelRun({ environment, project }, run)
      } finally {
        await records.close()
      }
    })
}

async function withStore(context: CommandContext, work: (store: Store) => Promise<void>): Promise<void> {
  const store = openStore(await findConnections(context.settings(), context.env), 'traitline runs')
  try {
    await work(store)
  } finally {
    await store.close()
  }
}

function unknown(run: string): never {
  throw new TraitlineError({
    code: 'RUN_UNKNOWN',
    message: `run ${run} is not in the record`,
    hint: 'List them: traitline runs',
    blame: 'user',
  })
}
