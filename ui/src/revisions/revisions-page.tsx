import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import type { Revision } from '../../../orchestrator/server/api.ts'
import { useApi } from '../api/context.tsx'
import { Async, Empty } from '../components/feedback.tsx'
import { Ago } from '../components/time.tsx'
import { plural } from '../lib/format.ts'
import { usePageTitle } from '../lib/use-page-title.ts'
import { RevisionView } from './revision-view.tsx'

export function RevisionsPage() {
  usePageTitle('Revisions')
  const { queries } = useApi()
  const { revision } = useSearch({ from: '/revisions' })
  const query = useInfiniteQuery(queries.revisions())
  return (
    <div className="page page-wide">
      <header className="bar">
        <h1>Revisions</h1>
        <p className="muted">What was deployed, and how it differs from the one before.</p>
      </header>
      <Async query={query} rows={6}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items)
          const chosen = revision ?? items[0]?.number
          if (chosen === undefined)
            return <Empty title="Nothing deployed yet">Run `traitline deploy` in the project’s folder.</Empty>
          return (
            <div className="revisions">
              <nav aria-label="Revisions">
                <ol className="revision-list" reversed>
                  {items.map((item) => (
                    <li key={item.number}>
                      <Link
                        to="/revisions"
                        search={{ revision: item.number }}
                        className="revision-link"
                        aria-current={item.number === chosen ? 'true' : undefined}
                      >
                        <span className="revision-number">{item.number}</span>
                        <span className="revision-facts">
                          <Ago time={item.deployedAt} />
                          {item.deployedBy !== null && <span className="muted">{item.deployedBy}</span>}
                        </span>
                        <DiffCounts diff={item.diff} />
                      </Link>
                    </li>
                  ))}
                </ol>
                {query.hasNextPage && (
                  <button
                    type="button"
                    className="button button-small"
                    disabled={query.isFetchingNextPage}
                    onClick={() => void query.fetchNextPage()}
                  >
                    Earlier ones
                  </button>
                )}
              </nav>
              <Chosen number={chosen} />
            </div>
          )
        }}
      </Async>
    </div>
  )
}

function Chosen({ number }: { readonly number: number }) {
  const { queries } = useApi()
  const query = useQuery(queries.revision(number))
  return (
    <div className="revision-detail">
      <Async query={query} rows={8}>
        {(detail) => <RevisionView detail={detail} />}
      </Async>
    </div>
  )
}

/** `+3 ~1 −2`, with words for who cannot see it. */
function DiffCounts({ diff }: { readonly diff: Revision['diff'] }) {
  const changed = diff.changed.length + diff.described.length + diff.settings.length
  const said = `${plural(diff.added.length, 'asset')} added, ${diff.removed.length} removed, ${changed} changed`
  return (
    <span className="diff-counts" role="img" aria-label={said} title={said}>
      {diff.added.length > 0 && <span className="text-good">+{diff.added.length}</span>}
      {changed > 0 && <span className="text-warn">~{changed}</span>}
      {diff.removed.length > 0 && <span className="text-bad">−{diff.removed.length}</span>}
    </span>
  )
}
