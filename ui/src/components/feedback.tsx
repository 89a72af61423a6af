import type { ReactNode } from 'react'
import { ApiError } from '../api/client.ts'
import type { Failure } from '../../../orchestrator/contract/index.ts'

/** What went wrong, and what to do about it. */
export function FailureNote({ failure, children }: { readonly failure: Failure; readonly children?: ReactNode }) {
  return (
    <div className={`note ${failure.code === 'UPSTREAM_FAILED' ? 'note-warn' : 'note-bad'}`}>
      <p className="note-title">{failure.message}</p>
      <p>{failure.hint}</p>
      <p className="note-foot">
        <code>{failure.code}</code>
        {children}
      </p>
    </div>
  )
}

export function ErrorNote({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const problem = error instanceof ApiError ? error.problem : null
  return (
    <div className="note note-bad" role="alert">
      <p className="note-title">{problem?.detail ?? 'This page could not be shown.'}</p>
      <p>{problem?.hint ?? 'Load it again; if that does not help, see the browser’s console.'}</p>
      <p className="note-foot">
        {problem !== null && <code>{problem.code}</code>}
        {retry !== undefined && (
          <button type="button" className="button button-small" onClick={retry}>
            Try again
          </button>
        )}
      </p>
    </div>
  )
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children !== undefined && <div className="empty-text">{children}</div>}
    </div>
  )
}

/** Stands in while something loads, about as high as what will come, so nothing jumps. */
export function Skeleton({ rows = 6, label = 'Loading' }: { readonly rows?: number; readonly label?: string }) {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className="skeleton-row" />
      ))}
    </div>
  )
}

/** Loading, broken, or there. */
export function Async<T>({
  query,
  rows,
  title,
  children,
}: {
  readonly query: {
    readonly data: T | undefined
    readonly error: unknown
    readonly refetch: () => unknown
  }
  readonly rows?: number
  /** Of a page that has no heading before it knows what it shows. */
  readonly title?: string
  readonly children: (data: T) => ReactNode
}) {
  if (query.data !== undefined) return children(query.data)
  return (
    <>
      {title !== undefined && <h1 className="title-alone">{title}</h1>}
      {query.error !== null ? (
        <ErrorNote error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Skeleton {...(rows === undefined ? {} : { rows })} />
      )}
    </>
  )
}
