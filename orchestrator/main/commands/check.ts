import type { Command } from 'commander'
import { createWarehouse } from '../../../activities/warehouse/create-warehouse.ts'
import { isBlocked, warehouseQueue } from '../../contract/index.ts'
import { buildGraph, select } from '../../graph/index.ts'
import type { CheckRow, CheckRunRow, Store } from '../../store/store.ts'
import type { CheckList } from '../../server/api.ts'
import { withApi } from '../api.ts'
import { findConnections } from '../connections.ts'
import { exitCodes, failureText } from '../output.ts'
import { latestRevision, openRecords } from '../records.ts'
import { defaultConcurrency } from '../defaults.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { latestResults, printChecks } from '../print-checks.ts'
import { resolveAsset } from '../resolve-names.ts'
import type { CommandContext } from './context.ts'
import { readsProject, type CommonOptions } from './options.ts'

interface Options {
  readonly name?: string
  readonly accept: boolean
  readonly partitions?: string
  readonly wait: boolean
  readonly json: boolean
}

export function checkCommand(program: Command, context: CommandContext): void {
  const check = program
    .command('check')
    .description('evaluate the checks of what is materialised, without materialising; what they hold up is renewed')
    .argument('[selection...]', 'everything unless told')
    .option('--accept', 'let what is there be what later materialisations are compared with', false)
    .option(
      '--partitions <selection>',
      'of what has partitions: a key, a range such as 2026-01-01..2026-01-31, latest, failed or all; the latest and those that fail a check now unless told',
    )
    .option('--no-wait', 'start it and leave it')
    .option('--json', 'as JSON', false)
    .option('--name <project>', 'the project, if the environment has several')
    .action(async (asked: string[], options: Options) => {
      const settings = context.settings()
      const connections = await findConnections(settings, context.env)
      const { store, launcher, close } = await openRecords(connections, 'traitline check')
      try {
        const { scope, revision, manifest } = await latestRevision(store, settings.environment, options.name ?? null)
        const selection = asked.join(', ') || '*'
        const { id } = createWarehouse({ url: connections.warehouseUrl, home: settings.home })
        const { run } = await launcher.startChecks({
          ...{ scope, revision, manifest, selection, accept: options.accept, concurrency: defaultConcurrency },
          partitions: options.partitions ?? null,
          targets: select(buildGraph(manifest.assets), selection),
          warehouseQueue: warehouseQueue(id, scope),
        })
        if (!options.wait) return context.terminal.line(options.json ? JSON.stringify({ run }) : run)
        const row = await waitForChecks(store, run)
        const results = await store.checks.resultsOf(scope, run, { limit: 5_000 })
        if (options.json) context.terminal.line(JSON.stringify({ ...row, results }, null, 2))
        else print(context.terminal, row, results)
        if (row.status !== 'passed') process.exitCode = exitCodes.failed
      } finally {
        await close()
      }
    })

  readsProject(
    check
      .command('show')
      .description('what the checks of an asset found last, and where some of the rows that failed are')
      .argument('<asset>', 'for example source/orders; the name alone will do')
      .argument('[check]', 'one of its checks; all of them unless told'),
  ).action(async (asset: string, name: string | undefined, _: unknown, command: Command) => {
    // `--json` and `--name` are options of the command above too, which takes them for itself.
    const options = command.optsWithGlobals<CommonOptions>()
    await withApi(context, options, async (api) => {
      const key = resolveAsset(api, asset)
      const query = { limit: 500, ...(name !== undefined && { name }) }
      const { items } = await api.get<CheckList>(`/assets/${encodeURIComponent(key)}/checks`, query)
      const results = latestResults(items as readonly CheckRow[])
      if (options.json) return context.terminal.line(JSON.stringify({ asset: key, items: results }, null, 2))
      if (results.length === 0) return context.terminal.line(`${key} has no result of ${name ?? 'a check'} yet`)
      printChecks(context.terminal, key, results)
    })
  })
}

/** How long the record may lag behind its notification before it is read anyway. */
const pollMs = 1_000

async function waitForChecks(store: Store, run: string): Promise<CheckRunRow> {
  let wake: () => void = () => undefined
  const stop = await store.events.listen(() => wake())
  try {
    for (;;) {
      const news = new Promise<void>((resolve) => (wake = resolve))
      const row = await store.checks.run(run)
      if (row !== null && row.endedAt !== null) return row
      await Promise.race([news, new Promise((resolve) => setTimeout(resolve, pollMs))])
    }
  } finally {
    await stop()
  }
}

function print({ line, paint }: Terminal, row: CheckRunRow, results: readonly CheckRow[]): void {
  for (const result of results) {
    const word = result.passed
      ? paint('green', 'passed')
      : isBlocked(result)
        ? paint('red', 'failed')
        : paint('yellow', 'warned')
    const said = result.message === null ? '' : `  ${result.message}`
    const subject = result.partition === undefined ? result.asset : `${result.asset} ${result.partition}`
    line(`  ${word}  ${subject.padEnd(30)} ${result.name}${said}`)
  }
  const { passed, warned, failed, skipped } = row.counts
  const counts = Object.entries({ passed, warned, failed, 'not materialised': skipped }).filter(
    ([, number]) => number > 0,
  )
  line(
    `checks ${row.status}${counts.length === 0 ? '' : `: ${counts.map(([word, number]) => `${number} ${word}`).join(', ')}`}`,
  )
  if (row.failure !== null) line(`  ${failureText(row.failure)}`)
}
