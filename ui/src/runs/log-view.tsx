import { useEffect, useRef } from 'react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useApi } from '../api/context.tsx'
import { Async, Empty } from '../components/feedback.tsx'

/** What a step printed. It follows the end while that is in sight. */
export function LogView({
  run,
  step,
  running,
}: {
  readonly run: string
  readonly step: string
  readonly running: boolean
}) {
  const { queries } = useApi()
  const query = useInfiniteQuery(queries.log(run, step))
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const lines = query.data?.pages.flatMap((page) => page.lines)

  useEffect(() => {
    // A long log comes page by page until its end, which is what is looked for in it.
    if (hasNextPage && !isFetchingNextPage && (lines?.length ?? 0) < 20_000) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, lines?.length])
  useEffect(() => {
    if (atEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [lines?.length])

  return (
    <Async query={query} rows={4}>
      {() =>
        lines === undefined || lines.length === 0 ? (
          <Empty title={running ? 'Nothing printed so far' : 'This step printed nothing'} />
        ) : (
          <div
            className="log"
            ref={box}
            tabIndex={0}
            role="log"
            aria-label={`Log of ${step}`}
            aria-live="off"
            onScroll={(event) => {
              const { scrollTop, scrollHeight, clientHeight } = event.currentTarget
              atEnd.current = scrollHeight - scrollTop - clientHeight < 24
            }}
          >
            {lines.map((line) => (
              <div key={line.number} className={`log-line log-${line.stream}`}>
                <span className="log-number" aria-hidden="true">
                  {line.number}
                </span>
                <time dateTime={line.at}>{line.at.slice(11, 19)}</time>
                <span className="log-text">{line.text}</span>
              </div>
            ))}
          </div>
        )
      }
    </Async>
  )
}
