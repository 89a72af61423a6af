import { useMemo } from 'react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { AssetDetail, AssetRef, Graph } from '../../../orchestrator/server/api.ts'
import { useApi } from '../api/context.tsx'
import { AssetLink, assetParams } from '../components/asset-link.tsx'
import { Async } from '../components/feedback.tsx'
import { healthOf, StatusIcon, statusLook } from '../components/status.tsx'
import { GraphView, naturalHeight } from '../graph/graph-view.tsx'
import { around, nodesOf } from '../graph/model.ts'
import { plural } from '../lib/format.ts'

const drawn = 20

/** Who is next to an asset: as a picture while that is small enough to read, else as lists. */
export function Lineage({ detail }: { readonly detail: AssetDetail }) {
  const { queries } = useApi()
  const direct = (refs: readonly AssetRef[]) => refs.filter(({ depth }) => depth === 1)
  const [above, below] = [direct(detail.upstream), direct(detail.downstream)]
  const small = above.length + below.length <= drawn
  const query = useQuery({ ...queries.graph(`1+${detail.key}+1`), enabled: small })
  return (
    <>
      {small ? (
        <Async query={query} rows={4}>
          {(graph) => <Neighbourhood graph={graph} asset={detail.key} />}
        </Async>
      ) : (
        <div className="lineage-lists">
          <Side title="Reads" refs={above} />
          <Side title="Read by" refs={below} />
        </div>
      )}
      <p className="lineage-foot">
        {above.length === 0
          ? 'It reads nothing: data comes in here. '
          : further(detail.upstream.length - above.length, 'upstream')}
        {below.length === 0 ? 'Nothing reads it.' : further(detail.downstream.length - below.length, 'downstream')}
      </p>
    </>
  )
}

function further(count: number, side: string): string {
  return count === 0 ? '' : `${plural(count, 'more', 'more')} further ${side}. `
}

function Neighbourhood({ graph, asset }: { readonly graph: Graph; readonly asset: string }) {
  const navigate = useNavigate()
  const star = useMemo(() => around(graph, asset), [graph, asset])
  const nodes = useMemo(() => nodesOf(star), [star])
  const height = useMemo(() => Math.min(640, naturalHeight(star) + 40), [star])
  return (
    <div className="neighbourhood" style={{ height }}>
      <GraphView
        graph={star}
        nodes={nodes}
        label="Neighbours"
        selected={asset}
        interactive={false}
        onOpen={(node) => void navigate({ to: '/assets/$kind/$', params: assetParams(node.key) })}
      />
    </div>
  )
}

function Side({ title, refs }: { readonly title: string; readonly refs: readonly AssetRef[] }) {
  if (refs.length === 0) return null
  return (
    <div>
      <h3>{title}</h3>
      <ul className="ref-list">
        {refs.map((ref) => {
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
    </div>
  )
}
