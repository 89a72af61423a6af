import { isDirect, type AssetKey, type AssetSpec, type ColumnDependency, type JsonObject } from '../contract/index.ts'
import type { OpenLineageContext } from './context.ts'
import { datasetOf } from './naming.ts'

/** What is known of a version of a dataset beside its definition. */
export interface DatasetState {
  readonly dataVersion?: string
  readonly rows?: number | null
}

export function inputDataset(asset: AssetSpec, context: OpenLineageContext, state: DatasetState = {}): JsonObject {
  return { ...dataset(asset, context, state) }
}

export function outputDataset(asset: AssetSpec, context: OpenLineageContext, state: DatasetState = {}): JsonObject {
  const { facets, ...rest } = dataset(asset, context, state)
  const lineage = columnLineage(asset, context)
  const { rows } = state
  const statistics = context.facet('outputStatistics', { rowCount: rows ?? 0 })
  return {
    ...rest,
    facets: { ...(facets as JsonObject), ...(lineage === null ? {} : { columnLineage: lineage }) },
    ...(rows === undefined || rows === null ? {} : { outputFacets: { outputStatistics: statistics } }),
  }
}

/** The files that a source is loaded from. */
export function fileDatasets(asset: AssetSpec): JsonObject[] {
  if (asset.kind !== 'source' || asset.load === null) return []
  return asset.load.paths.map((path) => ({ namespace: 'file', name: path.replace(/^home:/, '') }))
}

function dataset(asset: AssetSpec, context: OpenLineageContext, { dataVersion }: DatasetState): JsonObject {
  const name = datasetOf(asset, context.scope, context.naming)
  const columns = columnsOf(asset, context)
  const personal = asset.columns.filter(({ pii }) => pii === true)
  const tags = personal.map(({ name: field }) => ({ key: 'pii', value: 'true', source: 'TRAITLINE', field }))
  return {
    ...name,
    facets: {
      dataSource: context.facet('dataSource', { name: name.namespace, uri: name.namespace }),
      ...(columns.length > 0 ? { schema: context.facet('schema', { fields: columns }) } : {}),
      ...(asset.description === null
        ? {}
        : { documentation: context.facet('documentation', { description: asset.description }) }),
      ...(dataVersion === undefined ? {} : { version: context.facet('version', { datasetVersion: dataVersion }) }),
      ...(tags.length > 0 ? { tags: context.facet('tags', { tags }) } : {}),
    },
  }
}

/** Declared columns with their types, and those that its SQL makes besides. */
function columnsOf(asset: AssetSpec, context: OpenLineageContext): JsonObject[] {
  const declared = new Set(asset.columns.map(({ name }) => name))
  const found = Object.keys(context.lineage(asset.key)?.columns ?? {}).filter((name) => !declared.has(name))
  return [
    ...asset.columns.map(({ name, type, description }) => ({ name, type, ...(description ? { description } : {}) })),
    ...found.map((name) => ({ name })),
  ]
}

/** Beyond so many pairs the columns of something opaque are not told pair by pair. */
const mostPairs = 2_000

function columnLineage(asset: AssetSpec, context: OpenLineageContext): JsonObject | null {
  const lineage = context.lineage(asset.key)
  if (lineage === null) return null
  const inputs = lineage.precision === 'opaque' ? everyColumn(asset.deps, context) : []
  const names = Object.keys(lineage.columns)
  if (lineage.precision === 'opaque' && names.length * inputs.length > mostPairs) return null
  const fields = Object.fromEntries(
    names.map((name) => {
      const own = (lineage.columns[name] ?? []).flatMap((dependency) => inputField(dependency, context))
      return [name, { inputFields: lineage.precision === 'opaque' ? inputs : own }]
    }),
  )
  const rows = lineage.rows.flatMap((dependency) => inputField(dependency, context))
  return context.facet('columnLineage', { fields, ...(rows.length > 0 ? { dataset: rows } : {}) })
}

function inputField({ asset, column, uses, masked }: ColumnDependency, context: OpenLineageContext): JsonObject[] {
  const spec = context.asset(asset)
  if (spec === undefined) return []
  const transformations = uses.map((use) => ({
    type: isDirect(use) ? 'DIRECT' : 'INDIRECT',
    subtype: use,
    description: '',
    masking: isDirect(use) && masked === true,
  }))
  return [{ ...datasetOf(spec, context.scope, context.naming), field: column, transformations }]
}

/** Without transformations: nobody knows which column goes where. */
function everyColumn(deps: readonly AssetKey[], context: OpenLineageContext): JsonObject[] {
  return deps.flatMap((dep) => {
    const spec = context.asset(dep)
    if (spec === undefined) return []
    const name = datasetOf(spec, context.scope, context.naming)
    return columnsOf(spec, context).map((column) => ({ ...name, field: column['name'] ?? '' }))
  })
}
