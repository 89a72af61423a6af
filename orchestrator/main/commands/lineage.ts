import type { Command } from 'commander'
import { isAssetKey, TraitlineError, type AssetKey, type AssetSpec } from '../../contract/index.ts'
import { buildGraph, nearest, type Graph, type LineageDirection } from '../../graph/index.ts'
import { assetLineageView, columnLineageView, createLineageReader } from '../../server/index.ts'
import { findConnections } from '../connections.ts'
import { printAssetLineage, printColumnLineage } from '../print-lineage.ts'
import { latestRevision, openStore } from '../records.ts'
import type { CommandContext } from './context.ts'

interface Options {
  readonly up: boolean
  readonly down: boolean
  readonly depth?: number
  readonly json: boolean
  readonly name?: string
}

export function lineageCommand(program: Command, context: CommandContext): void {
  program
    .command('lineage')
    .description('tell what an asset or a column is made of, and what is made of it')
    .argument('<asset>', 'trait/lifetime_value; with .column for a column, or a field of a sync')
    .option('--up', 'only what it is made of', false)
    .option('--down', 'only what is made of it', false)
    .option('--depth <edges>', 'how far to go; to the end unless told', (text) => Number.parseInt(text, 10))
    .option('--json', 'as JSON, the same as GET /api/v1/lineage answers', false)
    .option('--name <project>', 'the project, if the environment has several')
    .action(async (text: string, options: Options) => {
      const settings = context.settings()
      const store = openStore(await findConnections(settings, context.env), 'traitline lineage')
      try {
        const latest = await latestRevision(store, settings.environment, options.name ?? null)
        const subject = { ...latest, graph: buildGraph(latest.manifest.assets) }
        const { asset, column } = subjectOf(text, subject.graph)
        const known = await createLineageReader(store)(subject)
        const asked = { asset, ways: waysOf(options), depth: options.depth ?? Infinity }
        const { terminal } = context
        if (column === null) {
          const view = assetLineageView(subject, known, asked)
          if (options.json) terminal.line(JSON.stringify(view, null, 2))
          else printAssetLineage(terminal, view)
          return
        }
        if (known.index?.has(asset, column) === false) throw unknownColumn(asset, column, known.index.columns(asset))
        const view = columnLineageView(subject, known, { ...asked, column })
        if (options.json) terminal.line(JSON.stringify(view, null, 2))
        else printColumnLineage(terminal, view)
      } finally {
        await store.close()
      }
    })
}

function waysOf({ up, down }: Options): readonly LineageDirection[] {
  return up === down ? ['up', 'down'] : [up ? 'up' : 'down']
}

/** Keys have no dot: what follows the first one is a column. */
function subjectOf(text: string, graph: Graph<AssetSpec>): { asset: AssetKey; column: string | null } {
  const dot = text.indexOf('.')
  const asset = dot === -1 ? text : text.slice(0, dot)
  if (isAssetKey(asset) && graph.get(asset) !== undefined) {
    return { asset, column: dot === -1 ? null : text.slice(dot + 1) }
  }
  const near = nearest(asset, graph.order)
  throw new TraitlineError({
    code: 'ASSET_UNKNOWN',
    message: `there is no asset ${asset}`,
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'List them: traitline list',
    blame: 'user',
  })
}

function unknownColumn(asset: AssetKey, column: string, columns: readonly string[]): TraitlineError {
  const near = nearest(column, columns)
  return new TraitlineError({
    code: 'COLUMN_UNKNOWN',
    message: `${asset} has no column ${column}`,
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `It has ${columns.join(', ')}.`,
    blame: 'user',
  })
}
