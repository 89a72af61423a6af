import type { Command } from 'commander'
import { createWarehouse } from '../../../activities/warehouse/create-warehouse.ts'
import { TraitlineError, warehouseQueue } from '../../contract/index.ts'
import { buildGraph, select } from '../../graph/index.ts'
import type { Backfills } from '../../launch/index.ts'
import { assertPartitions, type BackfillBatches } from '../../server/index.ts'
import type { BackfillRow, Store } from '../../store/index.ts'
import { withApi } from '../api.ts'
import { findConnections } from '../connections.ts'
import { duration, exitCodes, failureText } from '../output.ts'
import { latestRevision, openRecords } from '../records.ts'
import { defaultConcurrency } from '../session.ts'
import { bar, progressLine } from '../terminal/progress.ts'
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
    await withApi(context, options, async ({ get }) => {
      const list = await get<{ readonly items: readonly BackfillRow[] }>('/backfills', { limit: 20 })
      if (options.json) return context.terminal.line(JSON.stringify(list, null, 2))
      for (const row of list.items) context.terminal.line(lineOf(row))
    })
  })

  readsProject(
    backfill.command('show').description('how far a backfill is, and which batches failed').argument('<backfill>'),
  ).action(async (id: string, options: CommonOptions) => {
    await withApi(context, options, async ({ get }) => {
      const path = `/backfills/${encodeURIComponent(id)}`
      const row = await get<BackfillRow>(path)
      if (options.json) return context.terminal.line(JSON.stringify(row, null, 2))
      context.terminal.line(lineOf(row))
      if (row.failure !== null) context.terminal.line(failureText(row.failure))
      const { items } = await get<BackfillBatches>(`${path}/batches`, { status: 'failed', limit: mostFailed })
      for (const { run, targets, partitions } of items) {
        context.terminal.line(`  failed  ${targets.join(', ')} ${partitions ?? ''}  run ${run ?? ''}`)
      }
    })
  })

  for (const [name, description] of [
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
          } else await backfills[name](row)
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
/** Failed batches that are named. */
const mostFailed = 20

/** Until it has ended: on a terminal with a line that is drawn over itself, else with one for each change. */
async function watch({ terminal }: CommandContext, store: Store, id: string, quiet: boolean): Promise<BackfillRow> {
  const progress = quiet ? null : progressLine(terminal)
  const began = Date.now()
  let told = ''
  try {
    for (;;) {
      const row = await known(store, id)
      if (row.endedAt !== null) return row
      const words = lineOf(row)
      progress?.show(progressOf(row, Date.now() - began))
      if (!quiet && !terminal.interactive && words !== told) terminal.line(words)
      told = words
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  } finally {
    progress?.end()
  }
}

function progressOf({ status, counts, total, batches }: BackfillRow, tookMs: number): string {
  const done = doneOf(counts)
  const failed = (counts.failed ?? 0) + (counts.upstream_failed ?? 0)
  const left = done === 0 || done >= total ? '' : `about ${duration((tookMs / done) * (total - done))} left`
  const parts = [
    bar(done, total),
    duration(tookMs),
    status === 'paused' ? 'paused' : left,
    failed === 0 ? '' : `${failed} failed`,
    batches.running === 0 ? '' : `${batches.running} runs under way`,
  ]
  return parts.filter((part) => part !== '').join('  ')
}

function doneOf(counts: BackfillRow['counts']): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function lineOf({ backfill, status, selection, partitions, counts, total, batches }: BackfillRow): string {
  const done = doneOf(counts)
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
