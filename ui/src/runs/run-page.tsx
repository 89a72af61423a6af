import { useMemo } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import type { RunDetail } from '../../../orchestrator/server/api.ts'
import { useApi } from '../api/context.tsx'
import type { RunSearch } from '../app/addresses.ts'
import { MaterializeButton } from '../app/materialize.tsx'
import { AssetLink } from '../components/asset-link.tsx'
import { Async, Empty, ErrorNote, FailureNote } from '../components/feedback.tsx'
import { Glyph } from '../components/icons.tsx'
import { Section } from '../components/section.tsx'
import { StatusLabel } from '../components/status.tsx'
import { Ago, Took, useNow } from '../components/time.tsx'
import { plural, shortRun } from '../lib/format.ts'
import { usePageTitle } from '../lib/use-page-title.ts'
import { RunAssetDetail } from './asset-detail.tsx'
import { OutcomeBar, OutcomeCounts } from './counts.tsx'
import { inOrderOfTime, progressInWords } from './rows.ts'
import { TimelineView } from './timeline-view.tsx'
import { timeRange } from './timeline.ts'

export function RunPage() {
  const { run: id } = useParams({ from: '/runs/$run' })
  usePageTitle(`Run ${shortRun(id)}`)
  const { queries } = useApi()
  const query = useQuery(queries.run(id))
  return (
    <div className="page page-wide">
      <Async query={query} rows={14} title={`Run ${shortRun(id)}`}>
        {(run) => <RunView run={run} />}
      </Async>
    </div>
  )
}

function RunView({ run }: { readonly run: RunDetail }) {
  const search = useSearch({ from: '/runs/$run' })
  const navigate = useNavigate({ from: '/runs/$run' })
  const change = (next: RunSearch) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
  const active = run.status === 'queued' || run.status === 'running'
  const now = useNow(active ? 500 : null)
  const fresh = run.assets.filter(({ status }) => status === 'fresh')
  const rows = useMemo(
    () => inOrderOfTime(run.assets.filter(({ status }) => search.fresh === true || status !== 'fresh')),
    [run.assets, search.fresh],
  )
  const selected = run.assets.find(({ asset }) => asset === search.asset)

  return (
    <>
      <header className="asset-head">
        <div className="asset-title">
          <p className="crumbs">
            <Link to="/runs">Runs</Link>
          </p>
          <h1>
            <span className="muted h1-kind">Run</span>
            <span title={run.run}>{shortRun(run.run)}</span>
            <StatusLabel status={run.status} />
          </h1>
          <p className="lead">
            <code>{run.selection}</code>
            {run.force && <span className="tag">forced</span>} · {plural(run.targets, 'asset')} of{' '}
            <Link to="/revisions" search={{ revision: run.revision }}>
              revision {run.revision}
            </Link>{' '}
            · <Ago time={run.queuedAt} /> · <Took from={run.startedAt} to={run.endedAt} />
          </p>
        </div>
        <div className="asset-actions">
          {run.workflowUrl !== null && (
            <a className="button" href={run.workflowUrl} target="_blank" rel="noreferrer">
              In Temporal <Glyph name="external" size={13} />
            </a>
          )}
          {active ? <CancelButton run={run.run} /> : <MaterializeButton selection={run.selection} label="Run again" />}
        </div>
      </header>

      <div className="run-progress">
        <OutcomeBar run={run} />
        <p>
          <OutcomeCounts counts={run.counts} />
          {active && <span className="muted">{progressInWords(run.assets)}</span>}
        </p>
      </div>

      {run.failure !== null && <FailureNote failure={run.failure} />}
      <WhatWentWrong run={run} />

      <div className={selected === undefined ? 'run-body' : 'run-body run-body-split'}>
        <Section
          title="Timeline"
          flush
          aside={
            fresh.length > 0 && (
              <label className="check">
                <input
                  type="checkbox"
                  checked={search.fresh === true}
                  onChange={(event) => change({ fresh: event.target.checked ? true : undefined })}
                />
                <span>{plural(fresh.length, 'fresh asset')} too</span>
              </label>
            )
          }
        >
          {rows.length === 0 ? (
            <NothingToShow run={run} fresh={fresh.length} />
          ) : (
            <TimelineView
              rows={rows}
              range={timeRange(rows, run, now)}
              now={now}
              selected={search.asset}
              onSelect={(asset) => change({ asset: asset === search.asset ? undefined : asset })}
            />
          )}
        </Section>
        {selected !== undefined && (
          <RunAssetDetail run={run} row={selected} onClose={() => change({ asset: undefined })} />
        )}
      </div>
    </>
  )
}

function NothingToShow({ run, fresh }: { readonly run: RunDetail; readonly fresh: number }) {
  if (fresh > 0 && run.assets.length === fresh) {
    return <Empty title="Everything was fresh">Nothing had changed, so nothing was materialised.</Empty>
  }
  return run.status === 'queued' || run.status === 'running' ? (
    <Empty title="Being planned">
      What will run shows here in a moment. If it does not, see whether a worker is running.
    </Empty>
  ) : (
    <Empty title="Nothing was planned" />
  )
}

/** Failures at their roots, each with what waits for it. */
function WhatWentWrong({ run }: { readonly run: RunDetail }) {
  const failed = run.assets.filter(({ status }) => status === 'failed')
  const blocked = run.assets.filter(({ status }) => status === 'upstream_failed')
  if (failed.length === 0 && blocked.length === 0) return null
  return (
    <Section
      title="What went wrong"
      aside={
        blocked.length > 0 && <span className="muted">{plural(blocked.length, 'asset')} downstream did not run</span>
      }
    >
      <ul className="failures">
        {failed.map((row) => (
          <li key={row.asset}>
            <p className="failure-head">
              <AssetLink asset={row.asset} />
              <Link to="." search={(before) => ({ ...before, asset: row.asset })} className="quiet-link">
                details and log
              </Link>
            </p>
            {row.failure !== null && <FailureNote failure={row.failure} />}
          </li>
        ))}
      </ul>
      {blocked.length > 0 && (
        <p className="blocked">
          <span className="muted">Did not run:</span>{' '}
          <span className="inline-list">
            {blocked.map((row) => (
              <AssetLink key={row.asset} asset={row.asset} />
            ))}
          </span>
        </p>
      )}
    </Section>
  )
}

function CancelButton({ run }: { readonly run: string }) {
  const { api } = useApi()
  const client = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => api.cancelRun(run),
    onSettled: () => client.invalidateQueries({ queryKey: ['run', run] }),
  })
  return (
    <>
      <button
        type="button"
        className="button button-danger"
        disabled={cancel.isPending || cancel.isSuccess}
        onClick={() => {
          if (confirm('Stop this run? What it has materialised stays.')) cancel.mutate()
        }}
      >
        <Glyph name="stop" size={11} />
        {cancel.isSuccess ? 'Stopping…' : 'Cancel'}
      </button>
      {cancel.error !== null && <ErrorNote error={cancel.error} />}
    </>
  )
}
