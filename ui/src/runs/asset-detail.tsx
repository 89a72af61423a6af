import { Link } from '@tanstack/react-router'
import { kindOf, nameOf } from '../../../orchestrator/contract/index.ts'
import type { RunAsset, RunDetail } from '../../../orchestrator/server/api.ts'
import { FailureNote } from '../components/feedback.tsx'
import { Glyph, KindIcon } from '../components/icons.tsx'
import { Facts } from '../components/section.tsx'
import { StatusLabel } from '../components/status.tsx'
import { Took } from '../components/time.tsx'
import { formatCount, formatTime } from '../lib/format.ts'
import { reasonsInWords } from '../lib/words.ts'
import { LogView } from './log-view.tsx'
import { assetParams } from '../components/asset-link.tsx'

/** One asset of a run: why it was planned, how it went, and what its step printed. */
export function RunAssetDetail({
  run,
  row,
  onClose,
}: {
  readonly run: RunDetail
  readonly row: RunAsset
  readonly onClose: () => void
}) {
  const hasLog = run.logs.includes(row.step)
  return (
    <section className="card run-asset" aria-label={`${row.asset} in this run`}>
      <header className="card-head">
        <h2>
          <KindIcon kind={kindOf(row.asset)} size={14} /> {nameOf(row.asset)} <StatusLabel status={row.status} />
        </h2>
        <div className="card-aside">
          <Link to="/assets/$kind/$" params={assetParams(row.asset)}>
            Open the asset
          </Link>
          <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
            <Glyph name="close" />
          </button>
        </div>
      </header>
      {row.failure !== null && <FailureNote failure={row.failure} />}
      <Facts
        items={[
          row.reasons.length === 0 ? null : ['Why', reasonsInWords(row.reasons)],
          row.startedAt === null ? null : ['Started', formatTime(row.startedAt)],
          row.startedAt === null ? null : ['Took', <Took from={row.startedAt} to={row.endedAt} />],
          row.rows === null ? null : ['Rows', <span className="num">{formatCount(row.rows)}</span>],
          row.summary === null ? null : ['Outcome', row.summary],
          row.attempt <= 1 ? null : ['Attempt', String(row.attempt)],
          row.step === row.asset ? null : ['Step', <code>{row.step}</code>],
        ]}
      />
      {hasLog && (
        <>
          <h3>Log{row.step === row.asset ? '' : ` of ${row.step}`}</h3>
          <LogView key={row.step} run={run.run} step={row.step} running={row.status === 'running'} />
        </>
      )}
    </section>
  )
}
