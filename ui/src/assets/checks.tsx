import { useQuery } from '@tanstack/react-query'
import type { CheckResult } from '../../../orchestrator/server/api.ts'
import { useApi } from '../api/context.tsx'
import { Async, Empty } from '../components/feedback.tsx'
import { StatusIcon, StatusLabel, type Status } from '../components/status.tsx'
import { Ago } from '../components/time.tsx'
import { plural } from '../lib/format.ts'

/** Each check once, with its latest result and how it went before. */
export function Checks({ asset }: { readonly asset: string }) {
  const { queries } = useApi()
  const query = useQuery(queries.checks(asset))
  return (
    <Async query={query} rows={2}>
      {({ items }) => {
        const byName = groupByName(items)
        if (byName.size === 0) return <Empty title="No checks">A dbt model’s tests show here once they have run.</Empty>
        return (
          <div className="table-wrap" tabIndex={0} role="group" aria-label="Checks">
            <table className="table">
              <caption className="visually-hidden">Checks with their latest results</caption>
              <thead>
                <tr>
                  <th scope="col">Check</th>
                  <th scope="col">Latest</th>
                  <th scope="col">When</th>
                  <th scope="col">Before, latest last</th>
                </tr>
              </thead>
              <tbody>
                {[...byName].map(([name, results]) => (
                  <CheckRow key={name} name={name} results={results} />
                ))}
              </tbody>
            </table>
          </div>
        )
      }}
    </Async>
  )
}

function CheckRow({ name, results }: { readonly name: string; readonly results: readonly CheckResult[] }) {
  const [latest] = results
  if (latest === undefined) return null
  const failed = results.filter(({ passed }) => !passed).length
  return (
    <tr>
      <th scope="row">
        <code className="break">{name}</code>
        {latest.message !== null && !latest.passed && <p className="hint">{latest.message}</p>}
      </th>
      <td className="nowrap">
        <StatusLabel
          status={statusOf(latest)}
          {...(latest.passed || latest.failures === null ? {} : { label: `${plural(latest.failures, 'row')} failed` })}
        />
        {!latest.passed && <span className="muted"> {latest.severity === 'error' ? 'blocks' : 'warns'}</span>}
      </td>
      <td className="nowrap">
        <Ago time={latest.at} />
      </td>
      <td>
        <span className="history" role="img" aria-label={`${failed} of the last ${results.length} failed`}>
          {results
            .slice(0, 16)
            .toReversed()
            .map((result, at) => (
              <StatusIcon key={at} status={statusOf(result)} size={12} />
            ))}
        </span>
      </td>
    </tr>
  )
}

function groupByName(items: readonly CheckResult[]): Map<string, CheckResult[]> {
  const groups = new Map<string, CheckResult[]>()
  for (const item of items) groups.set(item.name, [...(groups.get(item.name) ?? []), item])
  return groups
}

function statusOf(result: CheckResult): Status {
  if (result.passed) return 'passed'
  return result.severity === 'error' ? 'checks_failed' : 'warned'
}
