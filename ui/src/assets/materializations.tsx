import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useApi } from '../api/context.tsx'
import { Hash } from '../components/copy.tsx'
import { Async, Empty } from '../components/feedback.tsx'
import { StatusLabel } from '../components/status.tsx'
import { Ago } from '../components/time.tsx'
import { formatCount, formatDuration, shortRun } from '../lib/format.ts'

export function Materializations({ asset }: { readonly asset: string }) {
  const { queries } = useApi()
  const query = useInfiniteQuery(queries.materializations(asset))
  return (
    <Async query={query} rows={3}>
      {(data) => {
        const items = data.pages.flatMap((page) => page.items)
        if (items.length === 0) return <Empty title="Not materialised yet">A run fills this table.</Empty>
        return (
          <div className="table-wrap">
            <table className="table">
              <caption className="visually-hidden">Materialisations, latest first</caption>
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">Run</th>
                  <th scope="col" className="num">
                    Rows
                  </th>
                  <th scope="col" className="num">
                    Took
                  </th>
                  <th scope="col">Data</th>
                  <th scope="col">Code</th>
                  <th scope="col">Checks</th>
                </tr>
              </thead>
              <tbody>
                {items.map((item, at) => {
                  const before = items[at + 1]
                  const failed = item.checks.filter(({ passed }) => !passed)
                  return (
                    <tr key={item.id}>
                      <td className="nowrap">
                        <Ago time={item.endedAt} />
                      </td>
                      <td>
                        <Link
                          to="/runs/$run"
                          params={{ run: item.run }}
                          search={{ asset: item.asset }}
                          className="mono"
                        >
                          {shortRun(item.run)}
                        </Link>
                      </td>
                      <td className="num">{item.rows === null ? '–' : formatCount(item.rows)}</td>
                      <td className="num nowrap">{formatDuration(item.durationMs)}</td>
                      <td className="nowrap">
                        <Hash value={item.dataVersion} />
                        {before?.dataVersion === item.dataVersion && <span className="muted"> same</span>}
                      </td>
                      <td>
                        <Hash value={item.codeVersion} />
                      </td>
                      <td className="nowrap">
                        {item.checks.length === 0 ? (
                          <span className="muted">none</span>
                        ) : failed.length === 0 ? (
                          <StatusLabel status="passed" label={`${item.checks.length} passed`} />
                        ) : (
                          <StatusLabel
                            status={failed.some(({ severity }) => severity === 'error') ? 'checks_failed' : 'warned'}
                            label={`${failed.length} of ${item.checks.length} failed`}
                          />
                        )}
                      </td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
            {query.hasNextPage && (
              <p className="table-more">
                <button
                  type="button"
                  className="button button-small"
                  disabled={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  Earlier ones
                </button>
              </p>
            )}
          </div>
        )
      }}
    </Async>
  )
}
