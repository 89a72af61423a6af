import { Option, type Command } from 'commander'
import { createWarehouse } from '../../../activities/warehouse/create-warehouse.ts'
import { warehouseQueue } from '../../contract/index.ts'
import { rerunOf, rerunStarts, type RerunStart } from '../../launch/index.ts'
import { findConnections } from '../connections.ts'
import { line } from '../output.ts'
import { latestRevision, openRecords } from '../records.ts'
import { defaultConcurrency } from '../session.ts'
import { knownRun } from './known-run.ts'
import { watchToItsEnd } from './materialize.ts'
import type { CommandContext } from './context.ts'

interface Options {
  readonly from: RerunStart
  readonly wait: boolean
  readonly json: boolean
}

export function rerunCommand(program: Command, context: CommandContext): void {
  program
    .command('rerun')
    .description('do a run again, on the code that is deployed now, with the same tags and priority')
    .argument('<run>')
    .addOption(
      new Option('--from <what>', 'what did not succeed, or all of it, fresh or not')
        .choices(rerunStarts)
        .default('failure'),
    )
    .option('--no-wait', 'start the run and leave it')
    .option('--json', 'the run as JSON, as the API answers', false)
    .action(async (run: string, options: Options) => {
      const settings = context.settings()
      const connections = await findConnections(settings, context.env)
      const { store, launcher, close } = await openRecords(connections, 'traitline rerun')
      try {
        const row = await knownRun(store, run)
        const { scope, revision, manifest } = await latestRevision(store, row.environment, row.project)
        const { id } = createWarehouse({ url: connections.warehouseUrl, home: settings.home })
        const queue = warehouseQueue(id, scope)
        const started = await launcher.startRun({
          ...(await rerunOf(store, row, options.from, manifest)),
          ...{ scope, revision, manifest, concurrency: defaultConcurrency, warehouseQueue: queue },
        })
        if (!options.wait) return line(options.json ? JSON.stringify(started) : started.run)
        await watchToItsEnd({ store, launcher, queue, terminal: context.terminal, json: options.json }, started.run)
      } finally {
        await close()
      }
    })
}
