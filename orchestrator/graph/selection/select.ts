import { TraitlineError, type AssetKey } from '../../contract/index.ts'
import { downstreamClosure, upstreamClosure } from '../closure.ts'
import type { Graph } from '../graph.ts'
import { nearest } from '../near.ts'
import { invalid, parseSelection, type Selection } from './syntax.ts'
import { attributeNames, readTerm, type SelectableAsset } from './terms.ts'

/**
 * The assets that a selection names, in topological order.
 *
 * | text | selects |
 * |---|---|
 * | `trait/ltv`, `audience/*`, `*` | by key; `*` stands for any text |
 * | `+x`, `x+`, `2+x+1` | x with all upstream, all downstream, or to that depth; x may be in parentheses |
 * | `kind:trait`, `tag:data=simulated`, `tag:data`, `group:sales`, `owner:marketing` | by attribute |
 * | `a, b`, `a or b`, `a and b`, `not a`, `(a, b) and c` | combinations; `not` binds closest, then `and` |
 *
 * Throws SELECTION_INVALID for text that cannot be read, and SELECTION_EMPTY, which suggests near keys, for a term
 * that matches nothing. A combination of terms that leaves nothing answers an empty list.
 */
export function select(graph: Graph<SelectableAsset>, text: string): AssetKey[] {
  const assets = graph.order.map((key) => graph.get(key) as SelectableAsset)
  const chosen = evaluate(parseSelection(text), { graph, assets, text })
  return graph.order.filter((key) => chosen.has(key))
}

interface Context {
  readonly graph: Graph<SelectableAsset>
  readonly assets: readonly SelectableAsset[]
  readonly text: string
}

function evaluate(selection: Selection, context: Context): Set<AssetKey> {
  switch (selection.op) {
    case 'term':
      return matching(selection.term, context)
    case 'or':
      return new Set(selection.of.flatMap((part) => [...evaluate(part, context)]))
    case 'and':
      return selection.of.map((part) => evaluate(part, context)).reduce(intersection)
    case 'not': {
      const excluded = evaluate(selection.of, context)
      return new Set(context.graph.order.filter((key) => !excluded.has(key)))
    }
    case 'reach': {
      const keys = evaluate(selection.of, context)
      const upstream = upstreamClosure(context.graph, keys, selection.upstream)
      return new Set([...upstream, ...downstreamClosure(context.graph, keys, selection.downstream)])
    }
  }
}

function intersection(a: Set<AssetKey>, b: Set<AssetKey>): Set<AssetKey> {
  return new Set([...a].filter((key) => b.has(key)))
}

function matching(text: string, { assets, text: selection }: Context): Set<AssetKey> {
  const term = readTerm(text)
  if (term === undefined) {
    throw invalid(selection, `"${text}" begins with none of ${attributeNames.map((name) => `${name}:`).join(', ')}`)
  }
  const keys = assets.filter((asset) => term.matches(asset)).map((asset) => asset.key)
  if (keys.length > 0 || (text === '*' && assets.length === 0)) return new Set(keys)
  const near = nearest(text, term.candidates(assets))
  throw new TraitlineError({
    code: 'SELECTION_EMPTY',
    message: `no asset matches "${text}" in the selection "${selection}"`,
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'List the assets with `traitline list`.',
    blame: 'user',
  })
}
