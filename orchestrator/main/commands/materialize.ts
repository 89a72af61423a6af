import type { Command } from 'commander'
import { createWarehouse } from '../../../activities/warehouse/create-warehouse.ts'
import { warehouseQueue } from '../../contract/index.ts'
import { buildGraph, select } from '../../graph/index.ts'
import type { Launcher, StartedRun } from '../../launch/index.ts'
import { findConnections } from '../connections.ts'
import { exitCodes, line } from '../output.ts'
import { latestRevision, openRecords, type Revision } from '../records.ts'
import { runLine, watchRun } from '../run-watch.ts'
import { defaultConcurrency } from '../session.ts'
import type { CommandContext } from './context.ts'

interface Options {
  readonly name?: string
  readonly force: boolean
  readonly wait: boolean
}

export function materializeCommand(program: Command, context: CommandContext): void {
  program
    .command('materialize')
    .description('materialise the assets of a selection that are stale')
    .argument('<selection...>', "for example 'audience/*+', '+trait/orders' or kind:sync")
    .option('--force', 'fresh ones too', false)
    .option('--no-wait', 'start the run and leave it')
    .option('--name <project>', 'the project, if the environment has several')
    .action(async (selection: string[], options: Options) => {
      const settings = context.settings()
      const connections = await findConnections(settings, context.env)
      const { store, launcher, close } = await openRecords(connections, 'traitline materialize')
      try {
        const target = await latestRevision(store, settings.environment, options.name ?? null)
        const { id } = createWarehouse({ url: connections.warehouseUrl, home: settings.home })
        const started = await startRun({
          launcher,
          target,
          selection: selection.join(', '),
          force: options.force,
          warehouseQueue: warehouseQueue(id),
        })
        if (!options.wait) return line(started.run)
        const queue = warehouseQueue(id)
        const row = await watchRun(store, started.run, {
          whyQueued: async () => ((await launcher.hasWorker(queue)) ? null : noWorker(queue)),
        })
        line(runLine(row))
        if (row.status !== 'succeeded') process.exitCode = exitCodes.failed
      } finally {
        await close()
      }
    })
}

function noWorker(queue: string): string {
  return `waiting: no worker takes work from ${queue}; start one with \`traitline worker\`, or leave with Ctrl-C and the run waits`
}

/** Starts a run of what the selection names in a revision. Throws for a selection that names nothing. */
export function startRun(input: {
  readonly launcher: Launcher
  readonly target: Revision
  readonly selection: string
  readonly force: boolean
  readonly warehouseQueue: string
}): Promise<StartedRun> {
  const { launcher, target, selection, force, warehouseQueue: queue } = input
  return launcher.startRun({
    scope: target.scope,
    revision: target.revision,
    manifest: target.manifest,
    selection,
    targets: select(buildGraph(target.manifest.assets), selection),
    force,
    concurrency: defaultConcurrency,
    warehouseQueue: queue,
  })
}
