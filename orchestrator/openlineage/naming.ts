import type { AssetSpec, Scope } from '../contract/index.ts'

/** How things are called in OpenLineage: by its rules where it has some. */
export interface OpenLineageNaming {
  readonly jobNamespace: string
  /** The environment names the namespace of jobs: a project's own does not count. */
  readonly fixed?: boolean
  /** `duckdb:///data/warehouse.duckdb`, `postgres://host:5432`. */
  readonly warehouseNamespace: string
  /** The database within it, which is in the names of tables. */
  readonly database: string
}

export interface DatasetName {
  readonly namespace: string
  readonly name: string
}

/** A warehouse's address without user, password and options. */
export function warehouseNaming(url: string): Pick<OpenLineageNaming, 'warehouseNamespace' | 'database'> {
  if (url.startsWith('duckdb:')) {
    const path = url.slice('duckdb:'.length)
    const file = path.slice(path.lastIndexOf('/') + 1)
    return { warehouseNamespace: `duckdb://${path}`, database: file.replace(/\.[^.]*$/, '') }
  }
  const { hostname, port, pathname } = new URL(url)
  return {
    warehouseNamespace: `postgres://${hostname}:${port === '' ? '5432' : port}`,
    database: decodeURIComponent(pathname.slice(1)),
  }
}

/** An asset's table; what a sync writes to is the stream of its destination. */
export function datasetOf(asset: AssetSpec, scope: Scope, naming: OpenLineageNaming): DatasetName {
  if (asset.kind === 'sync') {
    const { environment, project } = scope
    return { namespace: `traitline://${environment}/${project}/${asset.destination}`, name: asset.stream }
  }
  const { schema, name } = asset.relation
  return { namespace: naming.warehouseNamespace, name: `${naming.database}.${schema}.${name}` }
}

export function jobName(scope: Scope, asset: AssetSpec | null, part?: string): string {
  return [scope.project, ...(asset === null ? [] : [asset.key]), ...(part === undefined ? [] : [part])].join('.')
}
