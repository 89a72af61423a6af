import { memo, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'
import { useApi } from '../api/context.tsx'
import { kindLabels } from '../components/asset-link.tsx'
import { Glyph, KindIcon } from '../components/icons.tsx'
import { StatusIcon, statusLook } from '../components/status.tsx'
import { useNow } from '../components/time.tsx'
import { formatAgo, formatCompact } from '../lib/format.ts'
import { layoutGraph } from './layout.ts'
import { lineageOf, step, type Direction, type GraphNode } from './model.ts'
import { usePanZoom } from './use-pan-zoom.ts'
import type { Graph } from '../../../orchestrator/server/api.ts'

const size = { nodeWidth: 172, nodeHeight: 46, layerGap: 48, nodeGap: 14 }

const arrows: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/**
 * The graph as links on a plane, with its edges behind. One of the links takes part in the tab order; the arrow keys
 * walk from there along edges and layers.
 */
export function GraphView({
  graph,
  nodes,
  label,
  selected,
  shows,
  onOpen,
  interactive = true,
}: {
  readonly graph: Graph
  readonly nodes: readonly GraphNode[]
  readonly label: string
  /** Key of the asset that stands out. */
  readonly selected: string | undefined
  /** Nodes that it refuses are dimmed. */
  readonly shows?: (node: GraphNode) => boolean
  readonly onOpen: (node: GraphNode) => void
  readonly interactive?: boolean
}) {
  // Statuses change with every refresh, edges do not: the layout is kept until they do.
  const shape = JSON.stringify([graph.keys, graph.from, graph.to])
  const layout = useMemo(() => layOut(graph), [shape])
  const frame = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const links = useRef(new Map<number, HTMLAnchorElement>())
  const { fit, zoom, reveal } = usePanZoom(frame, content, layout, { interactive })
  const [hovered, setHovered] = useState<number | null>(null)
  const chosen = selected === undefined ? -1 : graph.keys.findIndex((key) => key === selected)
  const [focused, setFocused] = useState<number | null>(null)
  const entry = focused ?? (chosen >= 0 ? chosen : 0)
  const now = useNow(15_000)

  const center = hovered ?? (interactive && chosen >= 0 ? chosen : null)
  const lineage = useMemo(() => (center === null ? null : lineageOf(nodes, center)), [nodes, center])

  const boxOf = (node: number) => ({
    x: layout.x[node] ?? 0,
    y: layout.y[node] ?? 0,
    width: size.nodeWidth,
    height: size.nodeHeight,
  })
  useEffect(() => {
    if (chosen >= 0 && interactive) reveal(boxOf(chosen))
  }, [chosen])

  const onKeyDown = (event: KeyboardEvent) => {
    const direction = arrows[event.key]
    if (direction !== undefined) {
      event.preventDefault()
      const next = step(nodes, layout, entry, direction)
      setFocused(next)
      links.current.get(next)?.focus({ preventScroll: true })
      reveal(boxOf(next))
    } else if (event.key === '+' || event.key === '=') zoom(1.25)
    else if (event.key === '-') zoom(0.8)
    else if (event.key === '0') fit()
  }

  return (
    <div className="graph" ref={frame} data-interactive={interactive ? '' : undefined}>
      <div className="graph-plane" ref={content} style={{ width: layout.width, height: layout.height }}>
        <Edges graph={graph} x={layout.x} y={layout.y} width={layout.width} height={layout.height} lineage={lineage} />
        <ul aria-label={label} onKeyDown={onKeyDown}>
          {nodes.map((node) => (
            <Node
              key={node.key}
              node={node}
              x={layout.x[node.index] ?? 0}
              y={layout.y[node.index] ?? 0}
              now={Math.floor(now / 15_000)}
              selected={node.index === chosen}
              dimmed={(lineage !== null && !lineage.has(node.index)) || shows?.(node) === false}
              entry={node.index === entry}
              links={links.current}
              onOpen={onOpen}
              onHover={setHovered}
              onFocus={setFocused}
            />
          ))}
        </ul>
      </div>
      {interactive && (
        <div className="graph-tools" role="group" aria-label="View">
          <button
            type="button"
            className="icon-button"
            aria-label="Zoom in"
            title="Zoom in (+)"
            onClick={() => zoom(1.25)}
          >
            <Glyph name="plus" />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label="Zoom out"
            title="Zoom out (−)"
            onClick={() => zoom(0.8)}
          >
            <Glyph name="minus" />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label="Show all"
            title="Show all (0)"
            onClick={() => fit()}
          >
            <Glyph name="fit" />
          </button>
        </div>
      )}
    </div>
  )
}

/** How high the graph is when nothing is scaled down; for frames that adapt to it. */
export function naturalHeight(graph: Graph): number {
  return layOut(graph).height
}

function layOut({ keys, from, to, kinds }: Graph) {
  return layoutGraph({ nodes: keys.length, from, to, kinds }, size)
}

const Node = memo(function Node({
  node,
  x,
  y,
  selected,
  dimmed,
  entry,
  links,
  onOpen,
  onHover,
  onFocus,
}: {
  readonly node: GraphNode
  readonly x: number
  readonly y: number
  /** Changes when the times on it should be told anew. */
  readonly now: number
  readonly selected: boolean
  readonly dimmed: boolean
  readonly entry: boolean
  readonly links: Map<number, HTMLAnchorElement>
  readonly onOpen: (node: GraphNode) => void
  readonly onHover: (node: number | null) => void
  readonly onFocus: (node: number) => void
}) {
  const { scope } = useApi()
  const look = statusLook(node.health)
  const facts = factsOf(node)
  const open = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    onOpen(node)
  }
  return (
    <li style={{ transform: `translate(${x}px, ${y}px)`, width: size.nodeWidth, height: size.nodeHeight }}>
      <a
        ref={(element) => {
          if (element === null) links.delete(node.index)
          else links.set(node.index, element)
        }}
        href={assetAddress(node.key, scope)}
        className={`node node-${look.tone} kind-${node.kind}${dimmed ? ' node-dim' : ''}${selected ? ' node-selected' : ''}`}
        aria-current={selected ? 'true' : undefined}
        title={`${node.key}: ${look.label.toLowerCase()}`}
        tabIndex={entry ? 0 : -1}
        draggable={false}
        onClick={open}
        onPointerEnter={() => onHover(node.index)}
        onPointerLeave={() => onHover(null)}
        onFocus={() => onFocus(node.index)}
      >
        <KindIcon kind={node.kind} />
        <span className="node-text">
          <span className="node-name">
            <span className="visually-hidden">{kindLabels[node.kind].one} </span>
            {node.name}
          </span>
          <span className="node-facts">
            <StatusIcon status={node.health} size={12} />
            {facts !== look.label && <span className="visually-hidden">{look.label}, </span>}
            {facts}
          </span>
        </span>
      </a>
    </li>
  )
})

function factsOf(node: GraphNode): string {
  const { label, tone } = statusLook(node.health)
  if (tone !== 'good' || node.materializedAt === null) return label
  const ago = formatAgo(node.materializedAt * 1000, Date.now())
  return node.rows === null ? ago : `${formatCompact(node.rows)} rows · ${ago.replace(' ago', '')}`
}

function assetAddress(
  key: string,
  scope: { readonly project?: string | undefined; readonly environment?: string | undefined },
): string {
  const search = new URLSearchParams()
  if (scope.project !== undefined) search.set('project', scope.project)
  if (scope.environment !== undefined) search.set('environment', scope.environment)
  return `/assets/${key}${search.size > 0 ? `?${search}` : ''}`
}

const Edges = memo(function Edges({
  graph,
  x,
  y,
  width,
  height,
  lineage,
}: {
  readonly graph: Graph
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly width: number
  readonly height: number
  readonly lineage: ReadonlySet<number> | null
}) {
  return (
    <svg className="edges" width={width} height={height} aria-hidden="true">
      {graph.from.map((source, edge) => {
        const target = graph.to[edge] ?? 0
        const state = lineage === null ? '' : lineage.has(source) && lineage.has(target) ? ' edge-on' : ' edge-off'
        return <path key={`${source}-${target}`} className={`edge${state}`} d={curve(source, target, x, y)} />
      })}
    </svg>
  )
})

function curve(source: number, target: number, x: readonly number[], y: readonly number[]): string {
  const x1 = (x[source] ?? 0) + size.nodeWidth
  const y1 = (y[source] ?? 0) + size.nodeHeight / 2
  const x2 = x[target] ?? 0
  const y2 = (y[target] ?? 0) + size.nodeHeight / 2
  const bend = Math.max(size.layerGap * 0.55, (x2 - x1) * 0.42)
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
}
