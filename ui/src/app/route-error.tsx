import { Link, type ErrorComponentProps } from '@tanstack/react-router'
import { Empty, ErrorNote } from '../components/feedback.tsx'

export function RouteError({ error, reset }: ErrorComponentProps) {
  return (
    <div className="page">
      <h1 className="title-alone">Something went wrong</h1>
      <ErrorNote error={error} retry={reset} />
    </div>
  )
}

export function NotFoundPage() {
  return (
    <div className="page">
      <h1 className="title-alone">There is no such page</h1>
      <Empty title="It may have moved, or the address has a slip of the pen">
        <Link to="/graph">To the graph</Link>
      </Empty>
    </div>
  )
}
