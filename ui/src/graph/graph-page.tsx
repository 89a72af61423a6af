import { useCallback, useEffect, useMemo } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useApi } from '../api/context.tsx'
import { MaterializeButton } from '../app/materialize.tsx'
import { Empty, ErrorNote, Skeleton } from '../components/feedback.tsx'
import { HealthFilters, KindFilters } from '../components/filters.tsx'
import { SelectionInput } from '../components/selection-input.tsx'
import { usePageTitle } from '../lib/use-page-title.ts'
import type { GraphSearch } from '../app/addresses.ts'
import { AssetPanel } from './asset-panel.tsx'
import { GraphView } from './graph-view.tsx'
import { isHealth, nodesOf, type GraphNode } from './model.ts'

/** Above this, one link a node is too much to draw; the table shows any number. */
const mostNodes = 600

export function GraphPage() {
  usePageTitle('Graph')
  const { queries } = useApi()
  const search = useSearch({ from: '/graph' })
  const navigate = useNavigate({ from: '/graph' })
  const query = useQuery(queries.graph(search.select))
  const graph = query.data
  const nodes = useMemo(() => (graph === undefined ? [] : nodesOf(graph)), [graph])

  const change = useCallback(
    (next: GraphSearch) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true }),
    [navigate],
  )
  const open = useCallback((node: GraphNode) => change({ asset: node.key }), [change])
  const close = useCallback(() => change({ asset: undefined }), [change])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && document.querySelector('dialog[open]') === null) close()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [close])

  const { kind, health } = search
  const shows = useCallback(
    (node: GraphNode) =>
      (kind === undefined || node.kind === kind) && (health === undefined || isHealth(node.health, health)),
    [kind, health],
  )
  const untouched = nodes.length > 0 && nodes.every((node) => node.health === 'never')

  return (
    <div className="graph-page">
      <header className="bar">
        <h1>Graph</h1>
        <SelectionInput value={search.select} onApply={(select) => change({ select })} />
        <HealthFilters items={nodes} value={health} onChange={(next) => change({ health: next })} />
        <div className="bar-end">
          <Link className="button" to="/assets" search={{ select: search.select, kind, health }}>
            As a table
          </Link>
          <MaterializeButton selection={search.select ?? '*'} />
        </div>
      </header>
      <div className="graph-body">
        <div className="graph-stage">
          {graph === undefined ? (
            <div className="graph-notice">
              {query.error === null ? (
                <Skeleton rows={8} label="Loading the graph" />
              ) : (
                <ErrorNote error={query.error} retry={() => void query.refetch()} />
              )}
            </div>
          ) : nodes.length === 0 ? (
            <div className="graph-notice">
              <Empty title="This project has no assets">
                Define some in its traitline.ts, then run `traitline deploy`.
              </Empty>
            </div>
          ) : nodes.length > mostNodes ? (
            <div className="graph-notice">
              <Empty title={`${nodes.length} assets are too many to draw at once`}>
                Select some, such as <code>+audience/*</code> or <code>group:name</code>, or{' '}
                <Link to="/assets" search={{ select: search.select }}>
                  see them as a table
                </Link>
                .
              </Empty>
            </div>
          ) : (
            <>
              <GraphView
                graph={graph}
                nodes={nodes}
                label="Assets"
                selected={search.asset}
                shows={shows}
                onOpen={open}
              />
              <div className="legend">
                <KindFilters items={nodes} value={kind} onChange={(next) => change({ kind: next })} />
              </div>
              {untouched && (
                <div className="invite">
                  <p>Nothing has been materialised yet.</p>
                  <MaterializeButton selection="*" label="Materialise everything" />
                </div>
              )}
            </>
          )}
        </div>
        {search.asset !== undefined && <AssetPanel asset={search.asset} onClose={close} />}
      </div>
    </div>
  )
}
