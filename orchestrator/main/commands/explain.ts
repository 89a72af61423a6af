import type { Command } from 'commander'
import type { AssetKey, PlanPreview } from '../../contract/index.ts'
import { buildGraph } from '../../graph/index.ts'
import type { AssetDetail, AssetPage, AssetSummary } from '../../server/api.ts'
import { readAutomation, readPlan } from '../../server/index.ts'
import { withApi, type Api } from '../api.ts'
import { printPlan } from '../print-plan.ts'
import { printTree } from '../print-automation.ts'
import { resolveAsset } from '../resolve-names.ts'
import { defaultConcurrency } from '../session.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { moment, statusPaint } from '../terminal/words.ts'
import type { CommandContext } from './context.ts'
import { readsProject, type CommonOptions } from './options.ts'

/** All that says why an asset is as it is: what `explain --json` prints. */
interface Explained {
  readonly asset: AssetDetail
  /** Assets upstream that failed, or failed a blocking check: what is to be mended first. */
  readonly causes: readonly AssetSummary[]
  /** What a run of it would do now. */
  readonly plan: PlanPreview
  /** Its condition as it was last looked at; null if it has none. */
  readonly automation: Awaited<ReturnType<typeof readAutomation>>['items'][number] | null
}

export function explainCommand(program: Command, context: CommandContext): void {
  readsProject(
    program
      .command('explain')
      .description(
        'why an asset is as it is: what failed or holds it up, what a run would do, and why it does not start',
      )
      .argument('<key>', 'for example trait/orders; the name alone if only one asset has it'),
  ).action(async (key: string, options: CommonOptions) => {
    await withApi(context, options, async (api) => {
      const explained = await readExplained(api, resolveAsset(api, key))
      if (options.json) context.terminal.line(JSON.stringify(explained, null, 2))
      else printExplained(context.terminal, explained)
    })
  })
}

async function readExplained(api: Api, key: AssetKey): Promise<Explained> {
  const { scope, revision, manifest } = api.revision
  const { assets, asOf } = manifest
  const graph = buildGraph(assets)
  const question = { scope, revision, assets, asOf, graph, force: false, concurrency: defaultConcurrency }
  const [asset, upstream, plan, automation] = await Promise.all([
    api.get<AssetDetail>(`/assets/${encodeURIComponent(key)}`),
    api.get<AssetPage>('/assets', { select: `+${key}`, limit: 1_000 }),
    readPlan(api.store, { ...question, selection: key }),
    readAutomation(api.store, api.revision, [key]),
  ])
  const causes = upstream.items.filter((item) => item.key !== key && isCause(item))
  return { asset, causes, plan, automation: automation.items[0] ?? null }
}

function isCause({ status, failedChecks }: AssetSummary): boolean {
  return status === 'failed' || failedChecks.length > 0
}

function printExplained(terminal: Terminal, { asset, causes, plan, automation }: Explained): void {
  const { line, paint, interactive } = terminal
  const made = asset.materializedAt === null ? '' : `  materialised ${moment(asset.materializedAt, interactive)}`
  line(`${paint('bold', asset.key)}  ${paint(statusPaint(asset.status) ?? 'dim', asset.status)}${made}`)
  printFailure(terminal, asset)
  for (const cause of causes) {
    line(`${paint('red', 'held up by')} ${cause.key}`)
    printFailure(terminal, cause)
  }
  if (asset.freshness !== null && asset.freshness.status !== 'ok') {
    line(
      `${paint('yellow', 'freshness')} ${asset.freshness.status} since ${moment(asset.freshness.since, interactive)}`,
    )
  }
  line()
  printPlan(terminal, plan, { full: true })
  if (automation === null) return line('It has no condition: it is materialised when asked for.')
  line()
  const { latest } = automation
  if (latest === null) return line('Its condition was not looked at yet: is a worker running?')
  line(`${paint('bold', 'By itself')}  ${latest.outcome}: ${latest.summary}`)
  printTree(terminal, latest.tree, '  ')
}

function printFailure({ line, paint }: Terminal, { failure, failedChecks }: AssetSummary | AssetDetail): void {
  if (failure !== null) {
    line(`  ${paint('red', failure.code)}: ${failure.message}`)
    line(`  fix: ${failure.hint}`)
  }
  if (failedChecks.length > 0) line(`  ${paint('red', 'failed checks')}: ${failedChecks.join(', ')}`)
}
