import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { nameOf } from '../../../orchestrator/contract/index.ts'
import type { AssetDetail } from '../../../orchestrator/server/api.ts'
import { useApi } from '../api/context.tsx'
import { MaterializeButton } from '../app/materialize.tsx'
import { kindLabels } from '../components/asset-link.tsx'
import { Hash } from '../components/copy.tsx'
import { Async, FailureNote } from '../components/feedback.tsx'
import { KindIcon } from '../components/icons.tsx'
import { Facts, Section } from '../components/section.tsx'
import { healthOf, StatusLabel } from '../components/status.tsx'
import { Ago } from '../components/time.tsx'
import { formatCount, formatDuration, shortRun } from '../lib/format.ts'
import { usePageTitle } from '../lib/use-page-title.ts'
import { reasonsInWords } from '../lib/words.ts'
import { Checks } from './checks.tsx'
import { Definition } from './definition.tsx'
import { Lineage } from './lineage.tsx'
import { Materializations } from './materializations.tsx'
import { Metadata } from './metadata.tsx'
import { Statistics } from './statistics.tsx'
import { SlackMessages, SyncRuns } from './sync-activity.tsx'

export function AssetPage() {
  const { kind, _splat = '' } = useParams({ from: '/assets/$kind/$' })
  const key = `${kind}/${_splat}`
  usePageTitle(nameOf(key as AssetDetail['key']))
  const { queries } = useApi()
  const query = useQuery(queries.asset(key))
  return (
    <div className="page">
      <Async query={query} rows={14} title={key}>
        {(detail) => <Asset detail={detail} />}
      </Async>
    </div>
  )
}

function Asset({ detail }: { readonly detail: AssetDetail }) {
  const { latest, spec } = detail
  const unit = spec.kind === 'trait' && spec.trait.type === 'continuous' ? spec.trait.unit : null
  const place = spec.definedAt
  return (
    <>
      <header className="asset-head">
        <div className="asset-title">
          <p className="crumbs">
            <Link to="/assets">Assets</Link> <span aria-hidden="true">/</span>{' '}
            <Link to="/assets" search={{ kind: detail.kind }}>
              {kindLabels[detail.kind].many}
            </Link>
          </p>
          <h1>
            <KindIcon kind={detail.kind} size={20} />
            {detail.name}
            <StatusLabel status={healthOf(detail)} />
          </h1>
          {detail.description !== null && <p className="lead">{detail.description}</p>}
        </div>
        <div className="asset-actions">
          <Link className="button" to="/graph" search={{ asset: detail.key }}>
            In the graph
          </Link>
          <MaterializeButton selection={detail.key} />
        </div>
      </header>

      {detail.failure !== null && (
        <FailureNote failure={detail.failure}>
          {detail.run !== null && (
            <Link to="/runs/$run" params={{ run: detail.run }} search={{ asset: detail.key }}>
              See the run
            </Link>
          )}
        </FailureNote>
      )}
      {detail.reasons.length > 0 && (
        <div className="note note-warn">
          <p>
            <strong>Stale:</strong> {reasonsInWords(detail.reasons)}.
          </p>
        </div>
      )}

      <dl className="tiles">
        <Tile
          name={detail.kind === 'audience' ? 'Members' : 'Rows'}
          value={detail.rows === null ? '–' : formatCount(detail.rows)}
        />
        <Tile name="Materialised" value={<Ago time={detail.materializedAt} />} />
        <Tile name="Took" value={latest === null ? '–' : formatDuration(latest.durationMs)} />
        <Tile
          name="Checks"
          value={
            latest === null || latest.checks.length === 0
              ? '–'
              : `${latest.checks.filter(({ passed }) => passed).length} of ${latest.checks.length} passed`
          }
        />
      </dl>

      <div className="columns">
        <div className="column-main">
          <Section title="Definition">
            <Definition detail={detail} />
          </Section>
          {latest !== null && latest.statistics.length > 0 && (
            <Section title={latest.statistics.length === 1 ? 'Distribution' : 'Columns'}>
              <Statistics statistics={latest.statistics} unit={unit} />
            </Section>
          )}
          <Section title="Lineage" flush aside={<LineageLink detail={detail} />}>
            <Lineage detail={detail} />
          </Section>
          {detail.kind === 'sync' && <SyncRuns sync={detail.key} />}
          {detail.destination?.connector === 'slack' && <SlackMessages channel={detail.destination.stream} />}
          <Section title="Materialisations" flush>
            <Materializations asset={detail.key} />
          </Section>
          {(spec.kind === 'model' || (latest !== null && latest.checks.length > 0)) && (
            <Section title="Checks" flush>
              <Checks asset={detail.key} />
            </Section>
          )}
        </div>
        <div className="column-side">
          <Section title="Facts">
            <Facts
              items={[
                ['Key', <code className="break">{detail.key}</code>],
                detail.owners.length === 0 ? null : ['Owners', detail.owners.join(', ')],
                detail.group === null ? null : ['Group', detail.group],
                Object.keys(detail.tags).length === 0
                  ? null
                  : [
                      'Tags',
                      Object.entries(detail.tags).map(([name, value]) => (
                        <span key={name} className="tag">
                          {name}: {value}
                        </span>
                      )),
                    ],
                place === null
                  ? null
                  : [
                      'Defined in',
                      <code className="break">
                        {place.file}:{place.line}
                      </code>,
                    ],
                ['Code version', <Hash value={spec.codeVersion} />],
                latest === null ? null : ['Data version', <Hash value={latest.dataVersion} />],
                latest === null
                  ? null
                  : [
                      'Latest run',
                      <Link
                        to="/runs/$run"
                        params={{ run: latest.run }}
                        search={{ asset: detail.key }}
                        className="mono"
                      >
                        {shortRun(latest.run)}
                      </Link>,
                    ],
              ]}
            />
          </Section>
          {latest !== null && <Metadata metadata={latest.metadata} />}
        </div>
      </div>
    </>
  )
}

function Tile({ name, value }: { readonly name: string; readonly value: React.ReactNode }) {
  return (
    <div className="tile">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function LineageLink({ detail }: { readonly detail: AssetDetail }) {
  return (
    <Link to="/graph" search={{ select: `+${detail.key}+`, asset: detail.key }}>
      All of it
    </Link>
  )
}
