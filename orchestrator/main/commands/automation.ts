import type { Command } from 'commander'
import { isAssetKey, TraitlineError, type AssetKey } from '../../contract/index.ts'
import { buildGraph, nearest } from '../../graph/index.ts'
import { dryRunAutomation, readAutomation } from '../../server/index.ts'
import { findConnections } from '../connections.ts'
import { printDecisions, printTree } from '../print-automation.ts'
import { latestRevision, openStore, type Revision } from '../records.ts'
import type { Store } from '../../store/index.ts'
import type { CommandContext } from './context.ts'

interface Options {
  readonly json: boolean
  readonly name?: string
}

export function automationCommand(program: Command, context: CommandContext): void {
  const automation = program.command('automation').description('what is materialised by itself, when, and why not yet')
  const { terminal } = context
  const print = (value: unknown): void => terminal.line(JSON.stringify(value, null, 2))
  const common = (command: Command): Command =>
    command.option('--json', 'as JSON', false).option('--name <project>', 'the project, if the environment has several')

  common(automation.command('list', { isDefault: true }))
    .description('assets with a condition, and what its last evaluation said')
    .action((options: Options) =>
      withRevision(context, options, async (store, revision) => {
        const { items } = await readAutomation(store, revision)
        if (options.json) return print({ items })
        if (items.length === 0) return terminal.line('nothing is materialised by itself')
        printDecisions(
          terminal,
          items.map(({ asset, latest }) => latest ?? { asset, outcome: 'idle', summary: 'not looked at yet' }),
        )
      }),
    )

  common(automation.command('explain'))
    .description('why an asset was started, or is not: each part of its condition with its reason')
    .argument('<asset>')
    .action((text: string, options: Options) =>
      withRevision(context, options, async (store, revision) => {
        const asset = automatedAsset(text, revision)
        const [found] = (await readAutomation(store, revision, [asset])).items
        if (options.json) return print(found)
        if (found?.latest == null) return terminal.line(`${asset} was not looked at yet: is a worker running?`)
        printDecisions(terminal, [found.latest])
        printTree(terminal, found.latest.tree, '  ')
      }),
    )

  common(automation.command('history'))
    .description('evaluations that decided otherwise than the one before, latest first')
    .argument('[asset]')
    .option('--limit <number>', 'how many', (text) => Number.parseInt(text, 10), 20)
    .action((text: string | undefined, options: Options & { readonly limit: number }) =>
      withRevision(context, options, async (store, revision) => {
        const asset = text === undefined ? undefined : automatedAsset(text, revision)
        const page = { limit: options.limit, ...(asset !== undefined && { asset }) }
        const items = await store.automation.history(revision.scope, page)
        if (options.json) return print({ items })
        printDecisions(terminal, items)
      }),
    )

  common(automation.command('dry-run'))
    .description('what an evaluation of everything would decide now; nothing is started')
    .action((options: Options) =>
      withRevision(context, options, async (store, revision) => {
        const result = await dryRunAutomation(store, revision)
        if (options.json) return print(result)
        printDecisions(terminal, result.items)
      }),
    )
}

async function withRevision(
  context: CommandContext,
  { name }: Options,
  work: (store: Store, revision: Revision) => Promise<void>,
): Promise<void> {
  const settings = context.settings()
  const store = openStore(await findConnections(settings, context.env), 'traitline automation')
  try {
    await work(store, await latestRevision(store, settings.environment, name ?? null))
  } finally {
    await store.close()
  }
}

function automatedAsset(text: string, { manifest }: Revision): AssetKey {
  const graph = buildGraph(manifest.assets)
  const spec = isAssetKey(text) ? graph.get(text) : undefined
  if (spec?.automation !== undefined) return spec.key
  const automated = graph.order.filter((key) => graph.get(key)?.automation !== undefined)
  const near = nearest(text, automated)
  throw new TraitlineError({
    code: spec === undefined ? 'ASSET_UNKNOWN' : 'AUTOMATION_NONE',
    message: spec === undefined ? `there is no asset ${text}` : `${text} has no condition: it runs when someone asks`,
    hint:
      spec !== undefined
        ? `Give it one, such as automation: automation.eager(), and deploy.`
        : near.length > 0
          ? `Did you mean ${near.join(' or ')}?`
          : 'List what has a condition: traitline automation',
    blame: 'user',
  })
}
