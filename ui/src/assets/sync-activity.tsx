import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { SyncRun } from '../../../orchestrator/server/api.ts'
import { useApi } from '../api/context.tsx'
import { Async, Empty } from '../components/feedback.tsx'
import { Section } from '../components/section.tsx'
import { StatusLabel } from '../components/status.tsx'
import { Ago, Took } from '../components/time.tsx'
import { formatCount, shortRun } from '../lib/format.ts'

/** A sync's runs with their accounting: what was sent is accepted, skipped, rejected, or not known. */
export function SyncRuns({ sync }: { readonly sync: string }) {
  const { queries } = useApi()
  const query = useQuery(queries.syncs(sync))
  return (
    <Section title="Deliveries" flush>
      <Async query={query} rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nothing has been sent yet">
              A run of this sync compares, sends, and accounts for each row here.
            </Empty>
          ) : (
            <div className="table-wrap">
              <table className="table">
                <caption className="visually-hidden">Runs of this sync, latest first</caption>
                <thead>
                  <tr>
                    <th scope="col">When</th>
                    <th scope="col">Status</th>
                    <th scope="col">Planned</th>
                    <th scope="col" className="num">
                      Sent
                    </th>
                    <th scope="col" className="num">
                      Accepted
                    </th>
                    <th scope="col" className="num">
                      Rejected
                    </th>
                    <th scope="col" className="num">
                      Unknown
                    </th>
                    <th scope="col" className="num">
                      Took
                    </th>
                    <th scope="col">Run</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((item) => (
                    <tr key={item.syncRun}>
                      <td className="nowrap">
                        <Ago time={item.startedAt} />
                      </td>
                      <td className="nowrap">
                        <StatusLabel status={item.status} />
                      </td>
                      <td className="nowrap">
                        <Planned planned={item.planned} />
                      </td>
                      <Count value={item.sent} />
                      <Count value={item.accepted} />
                      <Count value={item.rejected} bad />
                      <Count value={item.unknown} bad />
                      <td className="num nowrap">
                        <Took from={item.startedAt} to={item.endedAt} />
                      </td>
                      <td>
                        <Link to="/runs/$run" params={{ run: item.run }} search={{ asset: item.sync }} className="mono">
                          {shortRun(item.run)}
                        </Link>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Async>
    </Section>
  )
}

/** `+40 ~2 −3`, with words for who cannot see it. */
function Planned({ planned }: { readonly planned: SyncRun['planned'] }) {
  const { added, changed, removed } = planned
  const said = `${formatCount(added)} added, ${formatCount(changed)} changed, ${formatCount(removed)} removed`
  return (
    <span className="diff-counts" role="img" aria-label={said} title={said}>
      {added + changed + removed === 0 && <span className="muted">nothing</span>}
      {added > 0 && <span className="text-good">+{formatCount(added)}</span>}
      {changed > 0 && <span className="text-warn">~{formatCount(changed)}</span>}
      {removed > 0 && <span className="text-bad">−{formatCount(removed)}</span>}
    </span>
  )
}

function Count({ value, bad = false }: { readonly value: number; readonly bad?: boolean }) {
  return <td className={`num${value === 0 ? ' muted' : bad ? ' text-bad' : ''}`}>{formatCount(value)}</td>
}

/** What the local stand-in for Slack received; where there is none, nothing at all is shown. */
export function SlackMessages({ channel }: { readonly channel: string }) {
  const { queries } = useApi()
  const query = useQuery(queries.messages())
  if (query.data === null || query.data === undefined) return null
  const items = query.data.items.filter((message) => sameChannel(message.channel, channel))
  return (
    <Section
      title="Messages"
      aside={<span className="muted">received by the local stand-in for Slack, nothing left this machine</span>}
    >
      {items.length === 0 ? (
        <Empty title="No message yet" />
      ) : (
        <ol className="messages" tabIndex={0} aria-label="Messages">
          {items.slice(0, 30).map((message) => (
            <li key={message.ts}>
              <p className="message-head">
                <strong>Traitline</strong> <span className="muted">{message.channel}</span>{' '}
                <span className="muted">
                  <Ago time={new Date(Number(message.ts) * 1000).toISOString()} />
                </span>
              </p>
              <p>{message.text}</p>
            </li>
          ))}
        </ol>
      )}
      {items.length > 30 && <p className="hint">and {formatCount(items.length - 30)} more</p>}
    </Section>
  )
}

function sameChannel(a: string, b: string): boolean {
  return a.replace(/^#/, '') === b.replace(/^#/, '')
}
