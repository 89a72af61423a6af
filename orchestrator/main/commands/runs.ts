import { Option, type Command } from 'commander'
import { runStatuses, type RunTags } from '../../contract/index.ts'
import type { Run, RunAsset, RunDetail, RunPage } from '../../server/api.ts'
import { withApi } from '../api.ts'
import { duration, exitCodes, failureText } from '../output.ts'
import { resolveRun } from '../resolve-names.ts'
import { countsText, runLine, waitsForSlot, watchRun } from '../run-watch.ts'
import { printTable } from '../terminal/table.ts'
import { moment, statusPaint, took } from '../terminal/words.ts'
import { cancelRun } from './cancel.ts'
import type { CommandContext } from './context.ts'
import { positive, readsProject, type CommonOptions } from './options.ts'
import { addTag } from './tags.ts'

interface ListOptions extends CommonOptions {
  readonly limit: number
  readonly tag: RunTags
  readonly status?: string
}

export function runsCommand(program: Command, context: CommandContext): void {
  const { terminal } = context
  const runs = program.command('runs').description('list, show, watch and cancel runs')

  readsProject(
    runs
      .command('list', { isDefault: true })
      .description('the latest runs')
      .option('--limit <number>', 'how many', positive, 20)
      .option('--tag <key=value>', 'only runs with this tag; several times for all of several', addTag, {})
      .addOption(new Option('--status <status>', 'only runs that are so').choices(runStatuses)),
  ).action(async (options: ListOptions) => {
    await withApi(context, options, async (api) => {
      const page = await api.get<RunPage>('/runs', {
        limit: Math.min(options.limit, 200),
        status: options.status,
        tag: Object.entries(options.tag).map(([key, value]) => `${key}=${value}`),
      })
      if (options.json) terminal.line(JSON.stringify(page, null, 2))
      else printRuns(context, page.items)
    })
  })

  readsProject(
    runs
      .command('show')
      .description('what became of each asset of a run, and why it ran')
      .argument('<run>', 'its id, a part of it that no other has, or `latest`'),
  ).action(async (run: string, options: CommonOptions) => {
    await withApi(context, options, async (api) => {
      const detail = await api.get<RunDetail>(`/runs/${encodeURIComponent(await resolveRun(api, run))}`)
      if (options.json) terminal.line(JSON.stringify(detail, null, 2))
      else printRun(context, detail, await waitsForSlot(api.store, detail.run))
    })
  })

  readsProject(
    runs
      .command('watch')
      .description('follow a run to its end; exit code 0 only if it succeeded')
      .argument('<run>', 'its id, a part of it, or `latest`'),
  ).action(async (run: string, options: CommonOptions) => {
    await withApi(context, options, async (api) => {
      const row = await watchRun(api.store, await resolveRun(api, run), { terminal, quiet: options.json })
      terminal.line(options.json ? JSON.stringify({ ...row, targets: row.targets.length }, null, 2) : runLine(row))
      if (row.status !== 'succeeded') process.exitCode = exitCodes.failed
    })
  })

  runs
    .command('cancel')
    .description('ask a run to stop; it ends the steps under way first')
    .argument('<run>')
    .option('--json', 'as JSON', false)
    .action((run: string, { json }: { readonly json: boolean }) => cancelRun(context, run, { wait: false, json }))
}

function printRuns({ terminal }: CommandContext, items: readonly Run[]): void {
  printTable(
    terminal,
    [
      { title: 'RUN', text: ({ run }) => run },
      { title: 'STATUS', text: ({ status }) => status, paint: ({ status }) => statusPaint(status) },
      { title: 'QUEUED', text: ({ queuedAt }) => moment(queuedAt, terminal.interactive) },
      { title: 'TOOK', text: ({ startedAt, endedAt }) => timeText(startedAt, endedAt), align: 'right' },
      { title: 'ASSETS', text: ({ counts }) => countsText(counts), elastic: true },
      { title: 'TAGS', text: ({ tags }) => tagsText(tags), elastic: true },
      { title: 'SELECTION', text: ({ selection }) => selection, elastic: true },
    ],
    items,
  )
}

function printRun({ terminal }: CommandContext, run: RunDetail, waits: string | null): void {
  const { line, paint } = terminal
  line(`${paint('bold', `run ${run.run}`)}  ${paint(statusPaint(run.status) ?? 'dim', run.status)}  ${run.selection}`)
  line(
    `revision ${run.revision} of ${run.project} (${run.environment}), queued ${moment(run.queuedAt, terminal.interactive)}`,
  )
  if (run.workflowUrl !== null) line(run.workflowUrl)
  line()
  printTable(
    terminal,
    [
      { title: 'ASSET', text: ({ asset }) => asset, elastic: true },
      { title: 'STATUS', text: ({ status }) => status, paint: ({ status }) => statusPaint(status) },
      { title: 'RESULT', text: resultText, elastic: true },
      { title: 'TOOK', text: ({ startedAt, endedAt }) => timeText(startedAt, endedAt), align: 'right' },
      { title: 'WHY', text: whyText, elastic: true },
    ],
    run.assets,
  )
  for (const { asset, failure } of run.assets) {
    if (failure !== null) line(`\n${paint('red', asset)} ${failureText(failure)}`)
  }
  line()
  if (waits !== null) line(waits)
  line(runLine(run))
  if (run.logs.length > 0)
    line(paint('dim', `logs: ${run.logs.map((step) => `traitline logs ${run.run} ${step}`).join(', ')}`))
}

function resultText({ summary, rows, failure }: RunAsset): string {
  if (failure !== null) return failure.code
  return summary ?? (rows === null ? '' : `${rows.toLocaleString('en-US')} rows`)
}

function whyText({ reasons: [first] }: RunAsset): string {
  if (first === undefined) return ''
  return `${first.type.replaceAll('_', ' ')}${first.upstream === undefined ? '' : `: ${first.upstream}`}`
}

function timeText(from: string | null, to: string | null): string {
  const ms = took(from, to)
  return ms === null ? '' : duration(ms)
}

function tagsText(tags: RunTags): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')
}
