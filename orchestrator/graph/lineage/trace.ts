import {
  isDirect,
  type AssetKey,
  type ColumnDependency,
  type ColumnLineage,
  type ColumnUse,
} from '../../contract/index.ts'

/** A column; `null` stands for which rows the asset has. */
export interface LineageNode {
  readonly asset: AssetKey
  readonly column: string | null
}

export interface LineageEdge {
  /** Read. */
  readonly from: LineageNode
  /** Made of it. */
  readonly to: LineageNode
  /** Empty where nobody can look inside, as into a notebook. */
  readonly uses: readonly ColumnUse[]
  /** The value cannot be had back: it was counted or hashed. */
  readonly masked: boolean
}

export interface TracedNode extends LineageNode {
  /** Edges away. */
  readonly depth: number
  /** The value itself comes this way, changed or not; otherwise the column only decides something on the way. */
  readonly direct: boolean
}

export interface Trace {
  /** Nearest first; the first is where it began. */
  readonly nodes: readonly TracedNode[]
  readonly edges: readonly LineageEdge[]
}

export type LineageDirection = 'up' | 'down'

/** Column lineage, ready to be walked. */
export interface LineageIndex {
  /** True too where nobody knows the columns. */
  has(asset: AssetKey, column: string): boolean
  columns(asset: AssetKey): readonly string[]
  warnings(asset: AssetKey): readonly string[]
  opaque(asset: AssetKey): boolean
  /** All that a column is made of and depends on, or all that is made of it and depends on it. */
  trace(start: LineageNode, direction: LineageDirection, depth?: number): Trace
}

export function indexLineage(lineage: ColumnLineage, depsOf: (asset: AssetKey) => readonly AssetKey[]): LineageIndex {
  const assets = new Map(lineage.assets.map((asset) => [asset.asset, asset]))
  const columns = (asset: AssetKey): string[] => Object.keys(assets.get(asset)?.columns ?? {})
  const up = createUpward(lineage, depsOf, columns)
  let down: ReadonlyMap<string, readonly LineageEdge[]> | undefined
  return {
    has(asset, column) {
      const names = columns(asset)
      return names.includes(column) || (names.length === 0 && assets.get(asset)?.precision === 'opaque')
    },
    columns,
    warnings: (asset) => assets.get(asset)?.warnings ?? [],
    opaque: (asset) => assets.get(asset)?.precision === 'opaque',
    trace(start, direction, depth = Infinity) {
      // What a column is depends on which rows there are: on the way up both are followed.
      if (direction === 'up') return walk([start, { asset: start.asset, column: null }], up, ({ from }) => from, depth)
      down ??= downward(lineage, up)
      const found = down
      return walk(
        [start],
        (node) => found.get(idOf(node)) ?? [],
        ({ to }) => to,
        depth,
      )
    },
  }
}

/**
 * The edges into a node. Which rows an asset has follows from what its query says of rows, and from which rows its
 * inputs have. That each column depends on the rows of its own asset goes without saying: there is no edge for it.
 */
function createUpward(
  { assets }: ColumnLineage,
  depsOf: (asset: AssetKey) => readonly AssetKey[],
  columnsOf: (asset: AssetKey) => readonly string[],
): (node: LineageNode) => readonly LineageEdge[] {
  const byKey = new Map(assets.map((asset) => [asset.asset, asset]))
  return (node) => {
    const lineage = byKey.get(node.asset)
    if (lineage === undefined) return []
    if (node.column === null) {
      const rows = depsOf(node.asset).map((dep) => edge({ asset: dep, column: null }, node, []))
      return [...lineage.rows.map((dependency) => read(dependency, node)), ...rows]
    }
    if (lineage.precision === 'opaque') {
      return depsOf(node.asset).flatMap((dep) => columnsOf(dep).map((column) => edge({ asset: dep, column }, node, [])))
    }
    if (!Object.hasOwn(lineage.columns, node.column)) return []
    return (lineage.columns[node.column] ?? []).map((dependency) => read(dependency, node))
  }
}

function downward(
  { assets }: ColumnLineage,
  up: (node: LineageNode) => readonly LineageEdge[],
): Map<string, LineageEdge[]> {
  const found = new Map<string, LineageEdge[]>()
  for (const { asset, columns } of assets) {
    for (const column of [...Object.keys(columns), null]) {
      for (const each of up({ asset, column })) {
        const id = idOf(each.from)
        const edges = found.get(id)
        if (edges === undefined) found.set(id, [each])
        else edges.push(each)
      }
    }
  }
  return found
}

function walk(
  starts: readonly LineageNode[],
  edgesOf: (node: LineageNode) => readonly LineageEdge[],
  far: (edge: LineageEdge) => LineageNode,
  most: number,
): Trace {
  const nodes = new Map(
    starts.map((start): [string, TracedNode] => [idOf(start), { ...start, depth: 0, direct: start.column !== null }]),
  )
  const edges = new Map<string, LineageEdge>()
  let level = [...nodes.values()]
  for (let depth = 1; depth <= most && level.length > 0; depth++) {
    const next = new Map<string, TracedNode>()
    for (const near of level) {
      for (const each of edgesOf(near)) {
        edges.set(`${idOf(each.from)}\n${idOf(each.to)}`, each)
        const node = far(each)
        const direct = near.direct && node.column !== null && near.column !== null && isDirectEdge(each)
        const known = nodes.get(idOf(node))
        // A node that was reached indirectly before is walked again where it is reached directly: so are those behind.
        if (known !== undefined && (known.direct || !direct)) continue
        const traced = { ...node, depth: known?.depth ?? depth, direct }
        nodes.set(idOf(node), traced)
        next.set(idOf(node), traced)
      }
    }
    level = [...next.values()]
  }
  return { nodes: [...nodes.values()].sort((a, b) => a.depth - b.depth), edges: [...edges.values()] }
}

/** An edge without uses leads through what nobody can look into: it may well hand the value on. */
function isDirectEdge({ uses }: LineageEdge): boolean {
  return uses.length === 0 || uses.some(isDirect)
}

function read({ asset, column, uses, masked }: ColumnDependency, to: LineageNode): LineageEdge {
  return { from: { asset, column }, to, uses, masked: masked === true }
}

function edge(from: LineageNode, to: LineageNode, uses: readonly ColumnUse[]): LineageEdge {
  return { from, to, uses, masked: false }
}

function idOf({ asset, column }: LineageNode): string {
  return column === null ? asset : `${asset}.${column}`
}
