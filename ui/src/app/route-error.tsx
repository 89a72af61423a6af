import { Link, type ErrorComponentProps } from '@tanstack/react-router'
import { Empty, ErrorNote } from '../components/feedback.tsx'

export function RouteError({ error, reset }: ErrorComponentProps) {
  return (
    <div className="page">
      <ErrorNote error={error} retry={reset} />
    </div>
  )
}

export function NotFoundPage() {
  return (
    <div className="page">
      <Empty title="There is no such page">
        <Link to="/graph">To the graph</Link>
      </Empty>
    </div>
  )
}
