import type { Command } from 'commander'
import { findConnections } from '../connections.ts'
import { line } from '../output.ts'
import { latestRevision, openStore } from '../records.ts'
import { assetLine, runLine, waitsForSlot } from '../run-watch.ts'
import type { RunTags } from '../../contract/index.ts'
import type { Store } from '../../store/index.ts'
import { cancelRun } from './cancel.ts'
import type { CommandContext } from './context.ts'
import { knownRun } from './known-run.ts'
import { addTag } from './tags.ts'

interface ListOptions {
  readonly limit: number
  readonly tag: RunTags
  readonly json: boolean
  readonly name?: string
}

export function runsCommand(program: Command, context: CommandContext): void {
  const runs = program.command('runs').description('list, show and cancel runs')

  runs
    .command('list', { isDefault: true })
    .description('the latest runs')
    .option('--limit <number>', 'how many', (text) => Number.parseInt(text, 10), 20)
    .option('--tag <key=value>', 'only runs with this tag; several times for all of several', addTag, {})
    .option('--json', 'as JSON', false)
    .option('--name <project>', 'the project, if the environment has several')
    .action(async (options: ListOptions) => {
      await withStore(context, async (store) => {
        const { scope } = await latestRevision(store, context.settings().environment, options.name ?? null)
        const rows = await store.runs.list(scope, { limit: options.limit, tags: options.tag })
        if (options.json) return line(JSON.stringify({ items: rows }, null, 2))
        for (const run of rows) {
          const tags = Object.entries(run.tags).map(([key, value]) => ` ${key}=${value}`)
          line(`${run.run}  ${run.status.padEnd(10)} ${run.queuedAt}  ${run.selection}${tags.join('')}`)
        }
      })
    })

  runs
    .command('show')
    .description('what became of each asset of a run')
    .argument('<run>')
    .action(async (run: string) => {
      await withStore(context, async (store) => {
        const row = await knownRun(store, run)
        for (const asset of await store.runs.assets(run)) line(assetLine(asset))
        const queued = await waitsForSlot(store, run)
        if (queued !== null) line(queued)
        line(runLine(row))
      })
    })

  runs
    .command('cancel')
    .description('ask a run to stop; it ends the steps under way first')
    .argument('<run>')
    .action((run: string) => cancelRun(context, run, false))
}

async function withStore(context: CommandContext, work: (store: Store) => Promise<void>): Promise<void> {
  const store = openStore(await findConnections(context.settings(), context.env), 'traitline runs')
  try {
    await work(store)
  } finally {
    await store.close()
  }
}
