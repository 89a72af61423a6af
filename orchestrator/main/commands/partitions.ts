import { Option, type Command } from 'commander'
import { partitionStatuses, TraitlineError, type AssetSpec } from '../../contract/index.ts'
import { partitionKeyPattern } from '../../graph/index.ts'
import { partitioningOf, partitionPage, type PartitionPage } from '../../server/index.ts'
import type { Store } from '../../store/index.ts'
import { findConnections } from '../connections.ts'
import { latestRevision, openStore, type Revision } from '../records.ts'
import { printTable } from '../terminal/table.ts'
import { positive, readsProject, type CommonOptions } from './options.ts'
import type { CommandContext } from './context.ts'

type Status = PartitionPage['items'][number]['status']
const statuses: readonly Status[] = ['missing', ...partitionStatuses]

interface ListOptions extends CommonOptions {
  readonly limit: number
  readonly status?: Status
}

export function partitionsCommand(program: Command, context: CommandContext): void {
  const partitions = program
    .command('partitions')
    .description('list partitions of an asset; add and remove dynamic keys')

  readsProject(
    partitions
      .command('list')
      .description('partitions of an asset, latest first, and how many are what')
      .argument('<asset>')
      .option('--limit <number>', 'how many', positive, 20)
      .addOption(new Option('--status <status>', 'only those that are so').choices(statuses)),
  ).action(async (asset: string, options: ListOptions) => {
    await withProject(context, options.name, async (store, { scope, manifest }) => {
      const spec = known(manifest.assets, asset)
      const partitioning = await partitioningOf(store, scope, manifest, spec)
      if (partitioning === null) throw notPartitioned(asset)
      const { limit, status } = options
      const page = await partitionPage(store, { scope, spec, partitioning }, { limit, status })
      if (options.json) context.terminal.line(JSON.stringify(page, null, 2))
      else print(context, page)
    })
  })

  for (const [name, description] of [
    ['add', 'add keys to a dynamic set'],
    ['remove', 'remove keys from a dynamic set; what was made of them stays'],
  ] as const) {
    readsProject(partitions.command(name).description(description).argument('<set>').argument('<key...>')).action(
      async (set: string, keys: string[], options: CommonOptions) => {
        await withProject(context, options.name, async (store, { scope }) => {
          if (name === 'add') assertKeys(keys)
          const changed = await store.partitions[name === 'add' ? 'addKeys' : 'removeKeys'](scope, set, keys)
          context.terminal.line(options.json ? JSON.stringify({ changed }) : `${changed} of ${keys.length} changed`)
        })
      },
    )
  }
}

async function withProject(
  context: CommandContext,
  name: string | undefined,
  work: (store: Store, revision: Revision) => Promise<void>,
): Promise<void> {
  const settings = context.settings()
  const store = openStore(await findConnections(settings, context.env), 'traitline partitions')
  try {
    await work(store, await latestRevision(store, settings.environment, name ?? null))
  } finally {
    await store.close()
  }
}

function print({ terminal }: CommandContext, { items, counts, failing, total }: PartitionPage): void {
  printTable(
    terminal,
    [
      { title: 'partition', text: ({ partition }) => partition, elastic: true },
      { title: 'status', text: ({ status }) => status, paint: ({ status }) => paints[status] ?? null },
      { title: 'rows', text: ({ rows }) => (rows === null ? '' : rows.toLocaleString('en-US')), align: 'right' },
      { title: 'failed checks', text: ({ failedChecks }) => failedChecks.join(', '), paint: () => 'red' },
      { title: 'materialized', text: ({ materializedAt }) => materializedAt ?? '' },
    ],
    items,
  )
  const parts = Object.entries(counts).filter(([, count]) => count > 0)
  const words = parts.map(([status, count]) => `${count.toLocaleString('en-US')} ${status.replace('_', ' ')}`)
  if (failing > 0) words.push(`${failing.toLocaleString('en-US')} with failed checks`)
  terminal.line(terminal.paint('dim', `${total.toLocaleString('en-US')} partitions: ${words.join(', ') || 'none'}`))
}

const paints: Readonly<Partial<Record<Status, 'green' | 'red' | 'yellow' | 'dim'>>> = {
  materialized: 'green',
  failed: 'red',
  upstream_failed: 'red',
  cancelled: 'yellow',
  missing: 'dim',
}

function known(assets: readonly AssetSpec[], key: string): AssetSpec {
  const found = assets.find((asset) => asset.key === key)
  if (found !== undefined) return found
  throw new TraitlineError({
    code: 'ASSET_UNKNOWN',
    message: `there is no asset ${key}`,
    hint: 'See what there is with `traitline list`.',
    blame: 'user',
  })
}

function notPartitioned(asset: string): TraitlineError {
  return new TraitlineError({
    code: 'NOT_PARTITIONED',
    message: `${asset} has no partitions`,
    hint: 'Give it some where it is defined: partitions: daily({ start })',
    blame: 'user',
  })
}

function assertKeys(keys: readonly string[]): void {
  const bad = keys.find((key) => !partitionKeyPattern.test(key))
  if (bad === undefined) return
  throw new TraitlineError({
    code: 'PARTITION_KEY_INVALID',
    message: `"${bad}" cannot be a key of a partition`,
    hint: 'Keys have letters, digits, spaces and _ . : + -, at most 100 characters, and no two dots in a row.',
    blame: 'user',
  })
}
