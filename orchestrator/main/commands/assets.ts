import type { Command } from 'commander'
import type { AssetPage, AssetSummary } from '../../server/api.ts'
import { withApi, type Api } from '../api.ts'
import { printAsset, readAsset } from '../print-asset.ts'
import { resolveAsset } from '../resolve-names.ts'
import { printTable } from '../terminal/table.ts'
import { moment, statusPaint } from '../terminal/words.ts'
import type { CommandContext } from './context.ts'
import { readsProject, type CommonOptions } from './options.ts'

export function assetsCommand(program: Command, context: CommandContext): void {
  const assets = program.command('assets').description('list assets, and show all of one')
  listUnder(assets, 'list', context, true)
  readsProject(
    assets
      .command('show')
      .description('an asset’s definition, lineage, staleness, materialisations, checks and, of a sync, its runs')
      .argument('<key>', 'for example trait/orders; the name alone if only one asset has it'),
  ).action(async (key: string, options: CommonOptions) => {
    await withApi(context, options, async (api) => {
      const shown = await readAsset(api, resolveAsset(api, key))
      if (options.json) context.terminal.line(JSON.stringify(shown, null, 2))
      else printAsset(context.terminal, shown)
    })
  })
}

/** The same as `assets list`, for those who type it often. */
export function listCommand(program: Command, context: CommandContext): void {
  listUnder(program, 'list', context, false)
}

function listUnder(parent: Command, name: string, context: CommandContext, isDefault: boolean): void {
  const command = parent
    .command(name, { isDefault })
    .description('list assets with their status')
    .argument('[selection...]', 'all of them unless told')
  readsProject(command).action(async (selection: string[], options: CommonOptions) => {
    await withApi(context, options, async (api) => {
      const items = await allAssets(api, selection.join(', ') || '*')
      if (options.json) return context.terminal.line(JSON.stringify({ items }, null, 2))
      printAssets(context, items)
    })
  })
}

async function allAssets(api: Api, select: string): Promise<AssetSummary[]> {
  const items: AssetSummary[] = []
  for (let after: string | undefined; ;) {
    const page = await api.get<AssetPage>('/assets', { select, limit: 1_000, after })
    items.push(...page.items)
    if (page.next === null) return items
    after = page.next
  }
}

const slaPaints = { ok: 'green', warn: 'yellow', late: 'red', unknown: 'dim' } as const

function printAssets({ terminal }: CommandContext, items: readonly AssetSummary[]): void {
  const watched = items.some(({ freshness }) => freshness !== null)
  printTable(
    terminal,
    [
      { title: 'ASSET', text: ({ key }) => key, elastic: true },
      { title: 'STATUS', text: ({ status }) => status, paint: ({ status }) => statusPaint(status) },
      { title: 'STALE', text: ({ stale }) => (stale ? 'stale' : ''), paint: () => 'yellow' },
      { title: 'ROWS', text: ({ rows }) => rows?.toLocaleString('en-US') ?? '', align: 'right' },
      { title: 'MATERIALISED', text: ({ materializedAt }) => moment(materializedAt, terminal.interactive) },
      ...(watched
        ? [
            {
              title: 'FRESHNESS',
              text: ({ freshness }: AssetSummary) => freshness?.status ?? '',
              paint: ({ freshness }: AssetSummary) => slaPaints[freshness?.status ?? 'unknown'],
            },
          ]
        : []),
      {
        title: 'WHY',
        text: ({ failure, failedChecks }) =>
          failure?.code ?? (failedChecks.length > 0 ? `failed: ${failedChecks.join(', ')}` : ''),
        paint: () => 'red',
        elastic: true,
      },
    ],
    items,
  )
}
