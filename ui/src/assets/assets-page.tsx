import { useDeferredValue, useMemo } from 'react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { AssetSummary } from '../../../orchestrator/server/api.ts'
import { useApi } from '../api/context.tsx'
import type { AssetColumn, AssetsSearch } from '../app/addresses.ts'
import { MaterializeButton } from '../app/materialize.tsx'
import { kindLabels, assetParams } from '../components/asset-link.tsx'
import { Empty, ErrorNote, Skeleton } from '../components/feedback.tsx'
import { HealthFilters, KindFilters } from '../components/filters.tsx'
import { Glyph, KindIcon } from '../components/icons.tsx'
import { SelectionInput } from '../components/selection-input.tsx'
import { healthOf, StatusLabel, type Status } from '../components/status.tsx'
import { Ago } from '../components/time.tsx'
import { isHealth } from '../graph/model.ts'
import { formatCount, plural } from '../lib/format.ts'
import { usePageTitle } from '../lib/use-page-title.ts'
import { sortAssets } from './sort.ts'

type Row = AssetSummary & { readonly health: Status }

/** The catalogue: the graph's equivalent as a table. */
export function AssetsPage() {
  usePageTitle('Assets')
  const { queries } = useApi()
  const search = useSearch({ from: '/assets' })
  const navigate = useNavigate({ from: '/assets' })
  const query = useInfiniteQuery(queries.assets(search.select))
  const rows = useMemo(
    () => query.data?.pages.flatMap((page) => page.items.map((item): Row => ({ ...item, health: healthOf(item) }))),
    [query.data],
  )
  const q = useDeferredValue(search.q?.toLowerCase() ?? '')
  const shown = useMemo(
    () =>
      sortAssets(
        (rows ?? []).filter(
          (row) =>
            (search.kind === undefined || row.kind === search.kind) &&
            (search.health === undefined || isHealth(row.health, search.health)) &&
            (q === '' || `${row.key} ${row.description ?? ''} ${row.owners.join(' ')}`.toLowerCase().includes(q)),
        ),
        search.sort,
        search.desc === true,
      ),
    [rows, search.kind, search.health, search.sort, search.desc, q],
  )
  const change = (next: AssetsSearch) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
  const sortBy = (sort: AssetColumn) =>
    change(
      search.sort === sort
        ? search.desc === true
          ? { sort: undefined, desc: undefined }
          : { desc: true }
        : { sort, desc: undefined },
    )
  const column = (sort: AssetColumn, label: string, className?: string) => (
    <th
      scope="col"
      className={className}
      aria-sort={search.sort !== sort ? 'none' : search.desc === true ? 'descending' : 'ascending'}
    >
      <button type="button" className="sort" onClick={() => sortBy(sort)}>
        {label}
        {search.sort === sort && <Glyph name={search.desc === true ? 'down' : 'up'} size={12} />}
      </button>
    </th>
  )

  return (
    <div className="page page-wide">
      <header className="bar">
        <h1>Assets</h1>
        <SelectionInput value={search.select} onApply={(select) => change({ select })} />
        <HealthFilters items={rows ?? []} value={search.health} onChange={(health) => change({ health })} />
        <div className="bar-end">
          <Link
            className="button"
            to="/graph"
            search={{ select: search.select, kind: search.kind, health: search.health }}
          >
            As a graph
          </Link>
          <MaterializeButton selection={search.select ?? '*'} />
        </div>
      </header>
      <div className="filter-row">
        <KindFilters items={rows ?? []} value={search.kind} onChange={(kind) => change({ kind })} />
        <input
          className="find"
          type="search"
          placeholder="Find by name, words or owner"
          aria-label="Find in the table"
          value={search.q ?? ''}
          onChange={(event) => change({ q: event.target.value === '' ? undefined : event.target.value })}
        />
      </div>
      {rows === undefined ? (
        query.error === null ? (
          <Skeleton rows={12} />
        ) : (
          <ErrorNote error={query.error} retry={() => void query.refetch()} />
        )
      ) : shown.length === 0 ? (
        <Empty title="No asset fits">Clear a filter, or the selection.</Empty>
      ) : (
        <div className="card card-flush table-wrap">
          <table className="table assets-table">
            <caption className="visually-hidden">Assets with their status</caption>
            <thead>
              <tr>
                {column('key', 'Asset')}
                {column('status', 'Status')}
                {column('rows', 'Rows', 'num')}
                {column('materialized', 'Materialised')}
                <th scope="col" className="wide-only">
                  Owners
                </th>
                <th scope="col" className="wide-only">
                  Tags
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <AssetRow key={row.key} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows !== undefined && (
        <footer className="page-foot">
          <p className="muted">
            {shown.length === rows.length
              ? plural(rows.length, 'asset')
              : `${shown.length} of ${plural(rows.length, 'asset')}`}
          </p>
          {query.hasNextPage && (
            <button
              type="button"
              className="button"
              disabled={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              Load more
            </button>
          )}
        </footer>
      )}
    </div>
  )
}

function AssetRow({ row }: { readonly row: Row }) {
  const tags = [
    ...(row.group === null ? [] : [row.group]),
    ...Object.entries(row.tags).map(([name, value]) => `${name}: ${value}`),
  ]
  return (
    <tr>
      <th scope="row">
        <Link to="/assets/$kind/$" params={assetParams(row.key)} className="row-link">
          <KindIcon kind={row.kind} />
          <span className="row-text">
            <span className="row-name">
              {row.name} <span className="muted kind-word">{kindLabels[row.kind].one.toLowerCase()}</span>
            </span>
            {row.description !== null && <span className="row-description">{row.description}</span>}
          </span>
        </Link>
      </th>
      <td className="nowrap">
        <StatusLabel status={row.health} />
      </td>
      <td className="num">{row.rows === null ? <span className="muted">–</span> : formatCount(row.rows)}</td>
      <td className="nowrap">
        <Ago time={row.materializedAt} />
      </td>
      <td className="wide-only">{row.owners.join(', ')}</td>
      <td className="wide-only">
        {tags.map((tag) => (
          <span key={tag} className="tag">
            {tag}
          </span>
        ))}
      </td>
    </tr>
  )
}
