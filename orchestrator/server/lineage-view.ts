import type { AssetKey, AssetSpec, Manifest, Scope } from '../contract/index.ts'
import { indexLineage, type Graph, type LineageDirection, type LineageIndex, type LineageNode } from '../graph/index.ts'
import type { RevisionLineage, Store } from '../store/store.ts'
import { distances } from './project-view.ts'
import type { AssetLineage, ColumnLineage } from './schemas/lineage.ts'

/** Which ways to go. */
export type Ways = readonly LineageDirection[]

export interface LineageSubject {
  readonly scope: Scope
  readonly revision: number
  readonly manifest: Manifest
  readonly graph: Graph<AssetSpec>
}

/** A revision's lineage, ready to be walked; null until it was computed. */
export interface KnownLineage {
  readonly state: AssetLineage['columns']
  readonly index: LineageIndex | null
}

/** Lineage never changes once it is there: it is read once, and only a few are kept. */
export function createLineageReader(
  store: { readonly lineage: Pick<Store['lineage'], 'get'> },
  most = 4,
): (subject: LineageSubject) => Promise<KnownLineage> {
  const kept = new Map<string, KnownLineage>()
  return async (subject) => {
    const { scope, revision } = subject
    const name = JSON.stringify([scope.environment, scope.project, revision])
    const found = kept.get(name)
    if (found !== undefined) return found
    const known = knownLineage(await store.lineage.get(scope, revision), subject)
    if (known.index !== null) kept.set(name, known)
    for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - most))) kept.delete(oldest)
    return known
  }
}

function knownLineage(stored: RevisionLineage, { graph }: LineageSubject): KnownLineage {
  return stored.status === 'ready'
    ? { state: { status: 'ready', failure: null }, index: indexLineage(stored.lineage, graph.upstream) }
    : { state: stored, index: null }
}

export function assetLineageView(
  { revision, graph }: LineageSubject,
  { state, index }: KnownLineage,
  asked: { readonly asset: AssetKey; readonly ways: Ways; readonly depth: number },
): AssetLineage {
  const { asset, ways, depth } = asked
  const found = (way: LineageDirection): [AssetKey, number][] =>
    ways.includes(way)
      ? [...distances(asset, way === 'up' ? graph.upstream : graph.downstream)].filter(([, far]) => far <= depth)
      : []
  const near: (readonly [AssetKey, number, boolean])[] = [
    [asset, 0, true],
    ...found('up').map(([key, far]) => [key, far, true] as const),
    ...found('down').map(([key, far]) => [key, far, false] as const),
  ]
  const among = new Set(near.map(([key]) => key))
  return {
    revision,
    asset,
    columns: state,
    nodes: near.map(([key, far, upstream]) => {
      const spec = graph.get(key) as AssetSpec
      return {
        asset: key,
        kind: spec.kind,
        depth: far,
        upstream,
        columns: index?.columns(key) ?? spec.columns.map(({ name }) => name),
        opaque: index?.opaque(key) ?? false,
        warnings: index?.warnings(key) ?? [],
      }
    }),
    edges: [...among].flatMap((to) => graph.upstream(to).flatMap((from) => (among.has(from) ? [{ from, to }] : []))),
  }
}

/** Enough for a page, and for a person; a column that reaches further is better looked at asset by asset. */
const mostNodes = 5_000

export function columnLineageView(
  { revision, graph }: LineageSubject,
  { state, index }: KnownLineage,
  asked: { readonly asset: AssetKey; readonly column: string; readonly ways: Ways; readonly depth: number },
): ColumnLineage {
  const { asset, column, ways, depth } = asked
  const traces = ways.map((way) => ({ way, trace: index?.trace({ asset, column }, way, depth) }))
  const all = traces.flatMap(({ way, trace }, at) =>
    (trace?.nodes ?? [])
      // Where it begins is there once, whichever ways it is left.
      .filter((node) => at === 0 || node.depth > 0)
      .map((node) => ({ ...node, upstream: way === 'up' })),
  )
  const nodes = all.slice(0, mostNodes)
  const shown = new Set(nodes.map(nameOfNode))
  const edges = traces.flatMap(({ trace }) => trace?.edges ?? [])
  const below = nodes.filter((node) => !node.upstream || node.depth === 0)
  return {
    revision,
    asset,
    column,
    ...state,
    nodes,
    edges: edges.filter(({ from, to }) => shown.has(nameOfNode(from)) && shown.has(nameOfNode(to))),
    sources: nodes.flatMap(({ asset: key, column: name, upstream, direct }) =>
      upstream && name !== null && graph.get(key)?.kind === 'source' ? [{ asset: key, column: name, direct }] : [],
    ),
    audiences: ways.includes('down')
      ? [...new Set(below.map((node) => node.asset))].filter(ofKind(graph, 'audience'))
      : [],
    syncs: ways.includes('down') ? syncsOf(below, graph) : [],
    truncated: all.length > nodes.length,
  }
}

function syncsOf(
  nodes: readonly (LineageNode & { readonly direct: boolean })[],
  graph: Graph<AssetSpec>,
): ColumnLineage['syncs'] {
  return [...new Set(nodes.map((node) => node.asset))].flatMap((key) => {
    const spec = graph.get(key)
    if (spec?.kind !== 'sync') return []
    const own = nodes.filter((node) => node.asset === key)
    return [
      {
        sync: key,
        destination: spec.destination,
        stream: spec.stream,
        fields: own.flatMap(({ column, direct }) => (column !== null && direct ? [column] : [])),
        rows: own.some(({ column }) => column === null),
      },
    ]
  })
}

function ofKind(graph: Graph<AssetSpec>, kind: AssetSpec['kind']): (key: AssetKey) => boolean {
  return (key) => graph.get(key)?.kind === kind
}

function nameOfNode({ asset, column }: LineageNode): string {
  return column === null ? asset : `${asset}.${column}`
}
