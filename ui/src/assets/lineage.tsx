import { useMemo } from 'react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { AssetDetail, AssetRef } from '../../../orchestrator/server/api.ts'
import { useApi } from '../api/context.tsx'
import { AssetLink, assetParams } from '../components/asset-link.tsx'
import { Async } from '../components/feedback.tsx'
import { healthOf, StatusIcon, statusLook } from '../components/status.tsx'
import { GraphView, naturalHeight } from '../graph/graph-view.tsx'
import { nodesOf } from '../graph/model.ts'
import { plural } from '../lib/format.ts'

const drawn = 30

/** Who is next to an asset, as a picture where it stays small, and as lists. */
export function Lineage({ detail }: { readonly detail: AssetDetail }) {
  const { queries } = useApi()
  const query = useQuery(queries.graph(`1+${detail.key}+1`))
  const near = [...detail.upstream, ...detail.downstream].filter(({ depth }) => depth === 1).length
  return (
    <>
      {near > 0 && near <= drawn && (
        <Async query={query} rows={4}>
          {(graph) => <Neighbourhood graph={graph} asset={detail.key} />}
        </Async>
      )}
      <div className="lineage-lists">
        <Side title="Reads" nothing="Nothing: it is where data comes in." refs={detail.upstream} />
        <Side title="Read by" nothing="Nothing yet." refs={detail.downstream} />
      </div>
    </>
  )
}

function Neighbourhood({ graph, asset }: { readonly graph: Parameters<typeof nodesOf>[0]; readonly asset: string }) {
  const navigate = useNavigate()
  const nodes = useMemo(() => nodesOf(graph), [graph])
  const height = useMemo(() => Math.min(300, Math.max(120, naturalHeight(graph) * 0.66 + 56)), [graph])
  return (
    <div className="neighbourhood" style={{ height }}>
      <GraphView
        graph={graph}
        nodes={nodes}
        label="Neighbours"
        selected={asset}
        interactive={false}
        onOpen={(node) => void navigate({ to: '/assets/$kind/$', params: assetParams(node.key) })}
      />
    </div>
  )
}

function Side({
  title,
  nothing,
  refs,
}: {
  readonly title: string
  readonly nothing: string
  readonly refs: readonly AssetRef[]
}) {
  const direct = refs.filter(({ depth }) => depth === 1)
  const further = refs.length - direct.length
  return (
    <div>
      <h3>{title}</h3>
      {direct.length === 0 ? (
        <p className="hint">{nothing}</p>
      ) : (
        <ul className="ref-list">
          {direct.map((ref) => {
            const health = healthOf({ ...ref, failedChecks: 0 })
            return (
              <li key={ref.key} title={statusLook(health).label}>
                <AssetLink asset={ref.key} />
                <StatusIcon status={health} size={14} />
                <span className="visually-hidden">{statusLook(health).label}</span>
              </li>
            )
          })}
        </ul>
      )}
      {further > 0 && <p className="hint">and {plural(further, 'more', 'more')} further away</p>}
    </div>
  )
}
