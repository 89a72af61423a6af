/**
 * A layered layout, left to right, for graphs of any size.
 *
 * Layers by the longest path from a root, then by the shortest edges; order within a layer by barycentre sweeps (Sugiyama, Tagawa and Toda, 1981)
 * without dummy nodes, so that its cost is that of the edges; then each layer is moved towards its neighbours as far
 * as its order and the spacing allow, which is an isotonic regression (pool adjacent violators).
 */

export interface LayoutInput {
  readonly nodes: number
  /** Edge `j` leads from node `from[j]` to node `to[j]`; there is no cycle. */
  readonly from: readonly number[]
  readonly to: readonly number[]
  /** Nodes of the same kind start out beside each other. */
  readonly kinds?: readonly number[]
}

export interface LayoutSize {
  readonly nodeWidth: number
  readonly nodeHeight: number
  readonly layerGap: number
  readonly nodeGap: number
}

export interface Layout {
  /** Top left corner of each node. */
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly layer: readonly number[]
  /** Nodes of each layer from top to bottom. */
  readonly layers: readonly (readonly number[])[]
  readonly width: number
  readonly height: number
}

const orderSweeps = 6
const placeSweeps = 6

export function layoutGraph(input: LayoutInput, size: LayoutSize): Layout {
  const { above, below } = neighbours(input)
  const layer = assignLayers(input.nodes, above, below)
  const layers = orderLayers(layer, above, below, input.kinds)
  const center = placeLayers(layers, above, below, size.nodeHeight + size.nodeGap)
  const top = input.nodes === 0 ? 0 : Math.min(...rowsOf(layers, (nodes) => center[nodes[0]!]!))
  const bottom = input.nodes === 0 ? 0 : Math.max(...rowsOf(layers, (nodes) => center[nodes.at(-1)!]!))
  return {
    x: layer.map((at) => at * (size.nodeWidth + size.layerGap)),
    y: center.map((at) => at - top),
    layer,
    layers,
    width: layers.length === 0 ? 0 : layers.length * (size.nodeWidth + size.layerGap) - size.layerGap,
    height: input.nodes === 0 ? 0 : bottom - top + size.nodeHeight,
  }
}

type Neighbours = readonly (readonly number[])[]

function neighbours({ nodes, from, to }: LayoutInput): { above: Neighbours; below: Neighbours } {
  const above: number[][] = Array.from({ length: nodes }, () => [])
  const below: number[][] = Array.from({ length: nodes }, () => [])
  from.forEach((source, edge) => {
    const target = to[edge]!
    above[target]!.push(source)
    below[source]!.push(target)
  })
  return { above, below }
}

function assignLayers(nodes: number, above: Neighbours, below: Neighbours): number[] {
  const layer = new Array<number>(nodes).fill(0)
  const waiting = above.map((sources) => sources.length)
  const ready: number[] = []
  waiting.forEach((count, node) => {
    if (count === 0) ready.push(node)
  })
  for (let at = 0; at < ready.length; at++) {
    const node = ready[at]!
    for (const target of below[node]!) {
      layer[target] = Math.max(layer[target]!, layer[node]! + 1)
      if (--waiting[target]! === 0) ready.push(target)
    }
  }
  // What is read at least as much as it reads moves next to its first reader: edges get no longer, and what is alike
  // comes to stand together. Readers go first.
  for (const node of ready.toReversed()) {
    const targets = below[node]!
    if (targets.length === 0 || targets.length < above[node]!.length) continue
    layer[node] = targets.reduce((least, target) => Math.min(least, layer[target]!), Infinity) - 1
  }
  return layer
}

function orderLayers(
  layer: readonly number[],
  above: Neighbours,
  below: Neighbours,
  kinds: readonly number[] | undefined,
): number[][] {
  const layers: number[][] = []
  layer.forEach((at, node) => {
    while (layers.length <= at) layers.push([])
    layers[at]!.push(node)
  })
  if (kinds !== undefined) for (const nodes of layers) nodes.sort((a, b) => kinds[a]! - kinds[b]! || a - b)

  // Places as shares of the layer's height, so that layers of different sizes compare.
  const place = new Array<number>(layer.length).fill(0)
  const number = (nodes: readonly number[]) => nodes.forEach((node, at) => (place[node] = (at + 0.5) / nodes.length))
  layers.forEach(number)
  const barycentre = (node: number, others: readonly number[]) =>
    others.length === 0 ? place[node]! : others.reduce((sum, other) => sum + place[other]!, 0) / others.length

  for (let sweep = 0; sweep < orderSweeps; sweep++) {
    const downwards = sweep % 2 === 0
    const side = downwards ? above : below
    for (const nodes of downwards ? layers : layers.toReversed()) {
      const wanted = new Map(nodes.map((node) => [node, barycentre(node, side[node]!)]))
      nodes.sort((a, b) => wanted.get(a)! - wanted.get(b)! || place[a]! - place[b]!)
      number(nodes)
    }
  }
  return layers
}

function placeLayers(layers: readonly number[][], above: Neighbours, below: Neighbours, spacing: number): number[] {
  const center: number[] = []
  for (const nodes of layers) {
    nodes.forEach((node, at) => (center[node] = (at - (nodes.length - 1) / 2) * spacing))
  }
  const mean = (others: readonly number[]) => others.reduce((sum, other) => sum + center[other]!, 0) / others.length
  for (let sweep = 0; sweep < placeSweeps; sweep++) {
    for (const nodes of sweep % 2 === 0 ? layers : layers.toReversed()) {
      const wanted = nodes.map((node) => {
        const around = [above[node]!, below[node]!].filter((others) => others.length > 0).map(mean)
        return around.length === 0 ? center[node]! : around.reduce((sum, at) => sum + at, 0) / around.length
      })
      spread(wanted, spacing).forEach((at, index) => (center[nodes[index]!] = at))
    }
  }
  return center
}

/** The places nearest to the wanted ones that keep the order and the spacing: least squares. */
export function spread(wanted: readonly number[], spacing: number): number[] {
  const blocks: { sum: number; count: number }[] = []
  wanted.forEach((value, index) => {
    let block = { sum: value - index * spacing, count: 1 }
    for (let last = blocks.at(-1); last !== undefined; last = blocks.at(-1)) {
      if (last.sum / last.count <= block.sum / block.count) break
      block = { sum: block.sum + last.sum, count: block.count + last.count }
      blocks.pop()
    }
    blocks.push(block)
  })
  const places: number[] = []
  for (const { sum, count } of blocks) {
    for (let i = 0; i < count; i++) places.push(sum / count + places.length * spacing)
  }
  return places
}

function rowsOf(layers: readonly number[][], pick: (nodes: readonly number[]) => number): number[] {
  return layers.filter((nodes) => nodes.length > 0).map(pick)
}
