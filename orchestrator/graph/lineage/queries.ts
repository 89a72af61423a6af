import { templateText, type AssetKey, type Manifest, type ModelCodes, type Relation } from '../../contract/index.ts'

/** What a parser of SQL is asked: queries in topological order, and the columns of tables that no query makes. */
export interface LineageQueries {
  /** Columns by `relationName`. */
  readonly tables: Readonly<Record<string, readonly string[]>>
  readonly queries: readonly LineageQuery[]
}

export interface LineageQuery {
  readonly id: AssetKey
  /** What the query makes, by `relationName`, if its columns are what those after it read. */
  readonly table?: string
  readonly sql: string
}

/** How many columns depend on what, as the parser answers it: `[table, column, kinds]`. */
export type ParsedDependency = readonly [table: string, column: string, kinds: readonly string[]]

export interface ParsedQuery {
  readonly id: AssetKey
  readonly columns?: Readonly<Record<string, readonly ParsedDependency[]>>
  readonly rows?: readonly ParsedDependency[]
  readonly warnings?: readonly string[]
  /** Why nothing can be told. */
  readonly opaque?: string
}

/** `schema.name` in lower case, without a catalogue: how the parser names a table. */
export function relationName({ schema, name }: Relation): string {
  return `${schema}.${name}`.toLowerCase()
}

export function lineageQueries(manifest: Manifest, code: ModelCodes): LineageQueries {
  const relations = new Map(manifest.assets.map(({ key, relation }) => [key, relation]))
  const tableOf = (key: AssetKey): string => {
    const relation = relations.get(key)
    return relation === undefined || relation === null ? '' : quoted(relation)
  }
  const tables: Record<string, readonly string[]> = {}
  const queries: LineageQuery[] = []
  for (const asset of manifest.assets) {
    const { sql, columns } = code[asset.key] ?? {}
    const known = columns ?? asset.columns.map(({ name }) => name)
    if (asset.kind === 'model' && sql !== undefined) {
      queries.push({ id: asset.key, table: relationName(asset.relation), sql })
      continue
    }
    if (asset.kind === 'trait' && asset.origin.type === 'sql') {
      queries.push({ id: asset.key, sql: templateText(asset.origin.sql, tableOf) })
    }
    if (asset.relation !== null && known.length > 0) {
      tables[relationName(asset.relation)] = known.map((name) => name.toLowerCase())
    }
  }
  return { tables, queries }
}

function quoted({ schema, name }: Relation): string {
  return [schema, name].map((part) => `"${part.replaceAll('"', '""')}"`).join('.')
}
