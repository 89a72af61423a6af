import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { nameOf, isAssetKey } from '../../../orchestrator/contract/index.ts'
import type { AssetDetail, AssetRef } from '../../../orchestrator/server/api.ts'
import { useApi } from '../api/context.tsx'
import { MaterializeButton } from '../app/materialize.tsx'
import { Definition } from '../assets/definition.tsx'
import { AssetLink, kindLabels, assetParams } from '../components/asset-link.tsx'
import { Async, FailureNote } from '../components/feedback.tsx'
import { Glyph, KindIcon } from '../components/icons.tsx'
import { Facts } from '../components/section.tsx'
import { healthOf, StatusIcon, StatusLabel } from '../components/status.tsx'
import { Ago } from '../components/time.tsx'
import { formatCount, plural, shortRun } from '../lib/format.ts'
import { reasonsInWords } from '../lib/words.ts'

/** An asset at a glance, beside the graph. */
export function AssetPanel({ asset, onClose }: { readonly asset: string; readonly onClose: () => void }) {
  const { queries } = useApi()
  const query = useQuery(queries.asset(asset))
  return (
    <aside className="panel" aria-label={`Asset ${asset}`}>
      <header className="panel-head">
        <p className="panel-kind">
          {query.data === undefined ? (
            'Asset'
          ) : (
            <>
              <KindIcon kind={query.data.kind} size={14} /> {kindLabels[query.data.kind].one}
            </>
          )}
        </p>
        <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
          <Glyph name="close" />
        </button>
      </header>
      <h2 className="panel-title">{isAssetKey(asset) ? nameOf(asset) : asset}</h2>
      <Async query={query} rows={10}>
        {(detail) => <Glance detail={detail} />}
      </Async>
    </aside>
  )
}

function Glance({ detail }: { readonly detail: AssetDetail }) {
  return (
    <>
      {detail.description !== null && <p className="panel-text">{detail.description}</p>}
      <div className="panel-actions">
        <Link className="button button-primary" to="/assets/$kind/$" params={assetParams(detail.key)}>
          Open
        </Link>
        <MaterializeButton selection={detail.key} quiet />
      </div>
      {detail.failure !== null && <FailureNote failure={detail.failure} />}
      <Facts
        items={[
          ['Status', <StatusLabel status={healthOf(detail)} />],
          detail.reasons.length === 0 ? null : ['Stale because', reasonsInWords(detail.reasons)],
          ['Materialised', <Ago time={detail.materializedAt} />],
          detail.rows === null ? null : ['Rows', <span className="num">{formatCount(detail.rows)}</span>],
          detail.run === null
            ? null
            : [
                'Run',
                <Link to="/runs/$run" params={{ run: detail.run }} search={{ asset: detail.key }} className="mono">
                  {shortRun(detail.run)}
                </Link>,
              ],
          detail.owners.length === 0 ? null : ['Owners', detail.owners.join(', ')],
        ]}
      />
      <div className="panel-part">
        <Definition detail={detail} compact />
      </div>
      <Neighbours title="Reads" refs={detail.upstream} />
      <Neighbours title="Read by" refs={detail.downstream} />
    </>
  )
}

function Neighbours({ title, refs }: { readonly title: string; readonly refs: readonly AssetRef[] }) {
  const direct = refs.filter(({ depth }) => depth === 1)
  const further = refs.length - direct.length
  if (direct.length === 0) return null
  return (
    <div className="panel-part">
      <h3>{title}</h3>
      <ul className="ref-list">
        {direct.map((ref) => (
          <li key={ref.key}>
            <AssetLink asset={ref.key} />
            <StatusIcon status={healthOf({ ...ref, failedChecks: 0 })} size={14} />
          </li>
        ))}
      </ul>
      {further > 0 && <p className="hint">and {plural(further, 'more further away', 'more further away')}</p>}
    </div>
  )
}
