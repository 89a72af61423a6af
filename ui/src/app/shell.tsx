import { useEffect, useRef } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useApi } from '../api/context.tsx'
import { useLiveState } from '../api/live.ts'
import { Glyph, Logo, type GlyphName } from '../components/icons.tsx'
import { plural } from '../lib/format.ts'

const places: readonly {
  readonly to: '/graph' | '/assets' | '/runs' | '/revisions'
  readonly label: string
  readonly icon: GlyphName
}[] = [
  { to: '/graph', label: 'Graph', icon: 'graph' },
  { to: '/assets', label: 'Assets', icon: 'table' },
  { to: '/runs', label: 'Runs', icon: 'runs' },
  { to: '/revisions', label: 'Revisions', icon: 'revisions' },
]

export function Shell() {
  const main = useRef<HTMLElement>(null)
  const path = useRouterState({ select: (state) => state.location.pathname })
  useEffect(() => {
    main.current?.scrollTo(0, 0)
  }, [path])
  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <aside className="side">
        <Link to="/graph" className="brand" aria-label="Traitline: to the graph">
          <Logo />
          <span>Traitline</span>
        </Link>
        <ProjectSwitch />
        <nav className="nav" aria-label="Pages">
          {places.map(({ to, label, icon }) => (
            <Link key={to} to={to} className="nav-link" activeOptions={{ exact: false, includeSearch: false }}>
              <Glyph name={icon} />
              <span>{label}</span>
            </Link>
          ))}
        </nav>
        <LiveMark />
      </aside>
      <main id="main" className="main" tabIndex={-1} ref={main}>
        <Outlet />
      </main>
    </div>
  )
}

function ProjectSwitch() {
  const { queries, scope } = useApi()
  const navigate = useNavigate()
  const { data } = useQuery(queries.projects())
  const items = data?.items ?? []
  const current =
    items.find(
      (item) =>
        (scope.project === undefined || item.project === scope.project) &&
        (scope.environment === undefined || item.environment === scope.environment),
    ) ?? items[0]
  if (current === undefined) return <div className="project" aria-hidden="true" />
  const name = (item: typeof current) => `${item.environment}/${item.project}`
  return (
    <div className="project">
      {items.length > 1 ? (
        <select
          aria-label="Project"
          value={name(current)}
          onChange={(event) => {
            const chosen = items.find((item) => name(item) === event.target.value)
            if (chosen === undefined) return
            const { project, environment } = chosen
            void navigate({ to: '/graph', search: { project, environment } })
          }}
        >
          {items.map((item) => (
            <option key={name(item)} value={name(item)}>
              {item.project} · {item.environment}
            </option>
          ))}
        </select>
      ) : (
        <p className="project-name">
          {current.project} <span className="muted">· {current.environment}</span>
        </p>
      )}
      <p className="project-facts">
        revision {current.revision} · {plural(current.assetCount, 'asset')}
      </p>
    </div>
  )
}

const liveLabels = {
  connecting: { label: 'Connecting', title: 'Asking the server for news' },
  live: { label: 'Live', title: 'What happens shows at once' },
  polling: { label: 'Every 3 s', title: 'The stream of news is interrupted: the page asks every three seconds' },
} as const

function LiveMark() {
  const state = useLiveState()
  const { label, title } = liveLabels[state]
  return (
    <p className={`live live-${state}`} title={title} role="status">
      <span className="live-dot" aria-hidden="true" />
      {label}
    </p>
  )
}
