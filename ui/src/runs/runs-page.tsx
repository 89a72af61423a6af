import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useApi } from '../api/context.tsx'
import { MaterializeButton } from '../app/materialize.tsx'
import { Async, Empty } from '../components/feedback.tsx'
import { StatusLabel } from '../components/status.tsx'
import { Ago, Took } from '../components/time.tsx'
import { shortRun } from '../lib/format.ts'
import { usePageTitle } from '../lib/use-page-title.ts'
import { OutcomeBar, OutcomeCounts } from './counts.tsx'

export function RunsPage() {
  usePageTitle('Runs')
  const { queries } = useApi()
  const query = useInfiniteQuery(queries.runs())
  return (
    <div className="page page-wide">
      <header className="bar">
        <h1>Runs</h1>
        <div className="bar-end">
          <MaterializeButton selection="*" />
        </div>
      </header>
      <Async query={query} rows={8}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items)
          if (items.length === 0) {
            return (
              <Empty title="No run yet">
                A run brings the assets that you select up to date, each after what it reads.{' '}
                <code>traitline materialize</code> starts one too.
              </Empty>
            )
          }
          return (
            <>
              <div className="card card-flush table-wrap">
                <table className="table">
                  <caption className="visually-hidden">Runs, latest first</caption>
                  <thead>
                    <tr>
                      <th scope="col">Run</th>
                      <th scope="col">Status</th>
                      <th scope="col">Selection</th>
                      <th scope="col" className="outcomes-column">
                        Assets
                      </th>
                      <th scope="col">Queued</th>
                      <th scope="col" className="num">
                        Took
                      </th>
                      <th scope="col" className="num wide-only">
                        Revision
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((run) => (
                      <tr key={run.run}>
                        <th scope="row">
                          <Link to="/runs/$run" params={{ run: run.run }} className="mono strong">
                            {shortRun(run.run)}
                          </Link>
                        </th>
                        <td className="nowrap">
                          <StatusLabel status={run.status} />
                        </td>
                        <td>
                          <code className="break">{run.selection}</code>
                          {run.force && <span className="tag">forced</span>}
                        </td>
                        <td>
                          <OutcomeBar run={run} />
                          <OutcomeCounts counts={run.counts} />
                        </td>
                        <td className="nowrap">
                          <Ago time={run.queuedAt} />
                        </td>
                        <td className="num nowrap">
                          <Took from={run.startedAt} to={run.endedAt} />
                        </td>
                        <td className="num wide-only">
                          <Link to="/revisions" search={{ revision: run.revision }}>
                            {run.revision}
                          </Link>
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              {query.hasNextPage && (
                <footer className="page-foot">
                  <button
                    type="button"
                    className="button"
                    disabled={query.isFetchingNextPage}
                    onClick={() => void query.fetchNextPage()}
                  >
                    Earlier runs
                  </button>
                </footer>
              )}
            </>
          )
        }}
      </Async>
    </div>
  )
}
