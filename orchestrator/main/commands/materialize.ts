import { InvalidArgumentError, Option, type Command } from 'commander'
import { createWarehouse } from '../../../activities/warehouse/create-warehouse.ts'
import { defaultPriority, warehouseQueue, type RunConfig, type RunTags } from '../../contract/index.ts'
import { buildGraph, select } from '../../graph/index.ts'
import type { Launcher, StartedRun } from '../../launch/index.ts'
import { findConnections } from '../connections.ts'
import { exitCodes, line } from '../output.ts'
import { latestRevision, openRecords, type Revision } from '../records.ts'
import { runLine, waitsForSlot, watchRun } from '../run-watch.ts'
import { defaultConcurrency } from '../session.ts'
import { assertPartitions } from '../../server/index.ts'
import type { Store } from '../../store/index.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { CommandContext } from './context.ts'
import { addParameter } from './parameters.ts'
import { addTag } from './tags.ts'

interface Options {
  readonly name?: string
  readonly force: boolean
  readonly wait: boolean
  readonly tag: RunTags
  readonly priority: number
  readonly json: boolean
  readonly partitions?: string
  readonly partition?: string
  readonly config: RunConfig
}

export function materializeCommand(program: Command, context: CommandContext): void {
  program
    .command('materialize')
    .description('materialise the assets of a selection that are stale')
    .argument('<selection...>', "for example 'audience/*+', '+trait/orders' or kind:sync")
    .option(
      '--partitions <which>',
      'of assets that have partitions: a key, a range a..b, a list, latest, missing, failed or all; latest unless told',
    )
    .addOption(new Option('--partition <key>', 'the same').hideHelp())
    .option('--force', 'fresh ones too', false)
    .option('--no-wait', 'start the run and leave it')
    .option('--tag <key=value>', 'mark the run, for lists and for limits of the run queue; several times', addTag, {})
    .option(
      '--config <parameter>',
      'a parameter of a notebook for this run, such as notebook/churn.horizon_days=60; several times',
      addParameter,
      {},
    )
    .addOption(
      new Option('--priority <number>', 'from 1, which goes first, to 5')
        .default(defaultPriority)
        .argParser(toPriority),
    )
    .option('--json', 'the run as JSON, as the API answers', false)
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
          store,
          partitions: options.partitions ?? options.partition,
          tags: options.tag,
          config: options.config,
          priority: options.priority,
          warehouse: id,
        })
        if (!options.wait) return line(options.json ? JSON.stringify(started) : started.run)
        const queue = warehouseQueue(id, target.scope)
        await watchToItsEnd({ store, launcher, queue, terminal: context.terminal, json: options.json }, started.run)
      } finally {
        await close()
      }
    })
}

/** Prints what becomes of a run, and what it waits for meanwhile; the exit code is its end's. */
export async function watchToItsEnd(
  watched: {
    readonly store: Store
    readonly launcher: Launcher
    readonly queue: string
    readonly terminal: Terminal
    readonly json?: boolean
  },
  run: string,
): Promise<void> {
  const { store, launcher, queue, terminal, json = false } = watched
  const whyQueued = async (): Promise<string | null> =>
    (await waitsForSlot(store, run)) ?? ((await launcher.hasWorker(queue)) ? null : noWorker(queue))
  const row = await watchRun(store, run, { whyQueued, terminal, quiet: json })
  line(json ? JSON.stringify({ ...row, targets: row.targets.length }, null, 2) : runLine(row))
  if (row.status !== 'succeeded') process.exitCode = exitCodes.failed
}

function noWorker(queue: string): string {
  return `waiting: no worker takes work from ${queue}; start one with \`traitline worker\`, or leave with Ctrl-C and the run waits`
}

function toPriority(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= 5) return number
  throw new InvalidArgumentError('Use a whole number from 1, which goes first, to 5.')
}

/** Starts a run of what the selection names in a revision. Throws for a selection that names nothing. */
export async function startRun(input: {
  readonly launcher: Launcher
  readonly target: Revision
  readonly selection: string
  readonly force: boolean
  /** Given, what is asked of partitions is checked before anything starts. */
  readonly store?: Store
  readonly partitions?: string
  readonly tags?: RunTags
  readonly config?: RunConfig
  readonly priority?: number
  /** Its id. */
  readonly warehouse: string
}): Promise<StartedRun> {
  const { launcher, target, selection, force, tags, config, priority, warehouse, store, partitions } = input
  const targets = select(buildGraph(target.manifest.assets), selection)
  if (store !== undefined) await assertPartitions(store, target.scope, target.manifest, targets, partitions)
  return launcher.startRun({
    scope: target.scope,
    revision: target.revision,
    manifest: target.manifest,
    selection,
    targets,
    force,
    partitions,
    tags,
    config,
    priority,
    concurrency: defaultConcurrency,
    warehouseQueue: warehouseQueue(warehouse, target.scope),
  })
}
