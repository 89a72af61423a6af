import type { Command } from 'commander'
import { createWarehouse } from '../../../activities/warehouse/create-warehouse.ts'
import { TraitlineError, warehouseQueue } from '../../contract/index.ts'
import { buildGraph, select } from '../../graph/index.ts'
import type { Backfills } from '../../launch/index.ts'
import { assertPartitions } from '../../server/index.ts'
import type { BackfillRow, Store } from '../../store/index.ts'
import { findConnections } from '../connections.ts'
import { exitCodes } from '../output.ts'
import { latestRevision, openRecords } from '../records.ts'
import { defaultConcurrency } from '../session.ts'
import { positive, readsProject, type CommonOptions } from './options.ts'
import type { CommandContext } from './context.ts'

interface StartOptions extends CommonOptions {
  readonly partitions: string
  readonly force: boolean
  readonly batch: number
  readonly runs: number
  readonly wait: boolean
}

export function backfillCommand(program: Command, context: CommandContext): void {
  const backfill = program
    .command('backfill')
    .description('make many partitions, some in each of many runs; pause, resume, cancel and retry them')

  readsProject(
    backfill
      .command('start', { isDefault: true })
      .description('start a backfill of a selection, and watch it to its end')
      .argument('<selection...>', "for example trait/visits or 'trait/visits+'")
      .requiredOption('--partitions <which>', 'a range a..b, a list, missing, failed or all')
      .option('--force', 'fresh partitions too', false)
      .option('--batch <number>', 'partitions in a run, of each asset', positive, 100)
      .option('--runs <number>', 'runs under way at once', positive, 2)
      .option('--no-wait', 'start it and leave it'),
  ).action(async (selection: string[], options: StartOptions) => {
    await withBackfills(context, async ({ store, backfills, warehouse }) => {
      const { scope, revision, manifest } = await latestRevision(
        store,
        context.settings().environment,
        options.name ?? null,
      )
      const asked = selection.join(', ')
      const targets = select(buildGraph(manifest.assets), asked)
      const { partitions, force, batch: batchSize, runs } = options
      await assertPartitions(store, scope, manifest, targets, partitions)
      const id = await backfills.start({
        ...{ scope, revision, selection: asked, targets, partitions, force, batchSize, runs },
        concurrency: defaultConcurrency,
        warehouseQueue: warehouseQueue(warehouse, scope),
      })
      if (!options.wait) return context.terminal.line(options.json ? JSON.stringify({ backfill: id }) : id)
      const row = await watch(context, store, id, options.json)
      context.terminal.line(options.json ? JSON.stringify(row, null, 2) : lineOf(row))
      if (row.status !== 'succeeded') process.exitCode = exitCodes.failed
    })
  })

  readsProject(backfill.command('list').description('the latest backfills')).action(async (options: CommonOptions) => {
    await withBackfills(context, async ({ store }) => {
      const { scope } = await latestRevision(store, context.settings().environment, options.name ?? null)
      const rows = await store.backfills.list(scope, 20)
      if (options.json) return context.terminal.line(JSON.stringify({ items: rows }, null, 2))
      for (const row of rows) context.terminal.line(lineOf(row))
    })
  })

  for (const [name, description] of [
    ['show', 'how far a backfill is'],
    ['pause', 'start no more runs of it; those under way go on'],
    ['resume', 'go on with it'],
    ['cancel', 'cancel it and its runs; what was made stays'],
    ['retry', 'make again what of it failed or was cancelled, and nothing else'],
  ] as const) {
    backfill
      .command(name)
      .description(description)
      .argument('<backfill>')
      .option('--json', 'as JSON, as the API answers', false)
      .action(async (id: string, options: { readonly json: boolean }) => {
        await withBackfills(context, async ({ store, backfills, warehouse }) => {
          const row = await known(store, id)
          if (name === 'retry') {
            await backfills.retry(row, {
              concurrency: defaultConcurrency,
              warehouseQueue: warehouseQueue(warehouse, row),
            })
          } else if (name !== 'show') await backfills[name](row)
          const now = await known(store, id)
          context.terminal.line(options.json ? JSON.stringify(now, null, 2) : lineOf(now))
        })
      })
  }
}

async function withBackfills(
  context: CommandContext,
  work: (given: { readonly store: Store; readonly backfills: Backfills; readonly warehouse: string }) => Promise<void>,
): Promise<void> {
  const settings = context.settings()
  const connections = await findConnections(settings, context.env)
  const { store, backfills, close } = await openRecords(connections, 'traitline backfill')
  try {
    const { id } = createWarehouse({ url: connections.warehouseUrl, home: settings.home })
    await work({ store, backfills, warehouse: id })
  } finally {
    await close()
  }
}

const pollMs = 1_000

/** Until it has ended; on a terminal with how far it is. */
async function watch({ terminal }: CommandContext, store: Store, id: string, quiet: boolean): Promise<BackfillRow> {
  let told = ''
  for (;;) {
    const row = await known(store, id)
    if (row.endedAt !== null) return row
    const words = lineOf(row)
    if (!quiet && words !== told) terminal.line(terminal.paint('dim', words))
    told = words
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

function lineOf({ backfill, status, selection, partitions, counts, total, batches }: BackfillRow): string {
  const done = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const parts = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome.replace('_', ' ')}`)
  const waiting = batches.waiting > 0 ? `, ${batches.waiting} batches wait` : ''
  return `${backfill}  ${status.padEnd(9)} ${done} of ${total} partitions${parts.length > 0 ? `: ${parts.join(', ')}` : ''}${waiting}  (${selection}, ${partitions})`
}

async function known(store: Store, id: string): Promise<BackfillRow> {
  const row = await store.backfills.get(id)
  if (row !== null) return row
  throw new TraitlineError({
    code: 'BACKFILL_UNKNOWN',
    message: `backfill ${id} is not in the record`,
    hint: 'List them with `traitline backfill list`.',
    blame: 'user',
  })
}
