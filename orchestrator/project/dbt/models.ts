import type { AssetKey, ColumnSpec, DbtTestSpec, ModelCodes, ModelSpec, Relation } from '../../contract/index.ts'
import type { Dbt, Model } from '../../define/dbt.ts'
import { compileAutomation } from '../automation.ts'
import type { Context, Draft } from '../context.ts'
import type { TableColumns } from '../tables.ts'
import { partitionColumns } from '../partitions.ts'
import { relationId } from '../relations.ts'
import { modelCode } from './code.ts'
import { modelColumns } from './columns.ts'
import type { DbtSource } from './manifest.ts'
import { assetNameOf, entriesOf, fileOf, readsOf, type DbtEntry, type ParsedDbt } from './nodes.ts'
import { reportMissing, reportUnmatched } from './report.ts'
import { testsByModel } from './tests.ts'
import { modelContent } from './versions.ts'

export interface CompiledModels {
  readonly drafts: readonly Draft<ModelSpec>[]
  readonly known: ReadonlyMap<AssetKey, TableColumns>
  readonly code: ModelCodes
  /** dbt's tests by model. Which model a test belongs to may depend on the order of the whole project. */
  testsOf(order: readonly AssetKey[]): ReadonlyMap<AssetKey, readonly DbtTestSpec[]>
}

interface Input {
  readonly projects: readonly ParsedDbt[]
  /** Models that definitions name. */
  readonly models: readonly Model[]
  /** dbt projects of which every model is wanted. */
  readonly whole: ReadonlySet<Dbt>
  /** The tables of all assets that are no models, by `relationId`. */
  readonly tables: ReadonlyMap<string, AssetKey>
  readonly context: Context
}

/** A model longer than this is compared by its beginning. */
const longestSql = 20_000

/** The models that are wanted and all models upstream of them, as specs. */
export function compileModels({ projects, models, whole, tables, context }: Input): CompiledModels {
  const entries = new Map(projects.flatMap((dbt) => [...entriesOf(dbt, context)]))
  const keys = new Map([...entries.values()].map((entry) => [nodeId(entry.dbt, entry.node.unique_id), entry.key]))
  const readable = new Map(tables)
  for (const { key, node } of entries.values()) {
    if (!readable.has(relationId(relationOf(node)))) readable.set(relationId(relationOf(node)), key)
  }
  const definitions = new Map(models.map((model) => [model.key, model]))
  for (const dbt of projects) reportMissing(dbt, models, entries, context)

  const wanted = new Map<AssetKey, DbtEntry>()
  const deps = new Map<AssetKey, AssetKey[]>()
  const unmatched = new Map<string, { readonly source: DbtSource; readonly reader: DbtEntry }>()
  const pending = [...entries.values()].filter(({ key, dbt }) => definitions.has(key) || whole.has(dbt.definition))
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    if (wanted.has(entry.key)) continue
    wanted.set(entry.key, entry)
    const { manifest } = entry.dbt
    const found = new Set<AssetKey>()
    for (const id of readsOf(entry.node, manifest).ids) {
      const source = manifest.sources[id]
      const key = source === undefined ? keys.get(nodeId(entry.dbt, id)) : readable.get(sourceRelation(source))
      if (key !== undefined) found.add(key)
      else if (source !== undefined) unmatched.set(nodeId(entry.dbt, id), { source, reader: entry })
      const upstream = key === undefined ? undefined : entries.get(key)
      if (upstream !== undefined) pending.push(upstream)
    }
    deps.set(entry.key, [...found].sort())
  }
  for (const { source, reader } of unmatched.values()) reportUnmatched(source, reader, context)
  return compileWanted(projects, wanted, deps, definitions, context)
}

function compileWanted(
  projects: readonly ParsedDbt[],
  wanted: ReadonlyMap<AssetKey, DbtEntry>,
  deps: ReadonlyMap<AssetKey, AssetKey[]>,
  definitions: ReadonlyMap<AssetKey, Model>,
  context: Context,
): CompiledModels {
  const known = new Map<AssetKey, TableColumns>()
  // Of the project, and so of each of its models.
  const automations = new Map(projects.map((dbt) => [dbt, compileAutomation(dbt.definition, true, context)]))
  const drafts = [...wanted.values()].map((entry): Draft<ModelSpec> => {
    const { key, node, dbt } = entry
    const columns = modelColumns(node, declaredModel(entry, definitions), context)
    known.set(key, columns.known)
    const spec = {
      ...describe(entry),
      kind: 'model' as const,
      key,
      deps: deps.get(key) ?? [],
      columns: columns.columns,
      relation: relationOf(node),
      dbtProject: dbt.definition.name,
      uniqueId: node.unique_id,
      materialized: materialized(node),
      tests: [],
      ...(node.raw_code ? { sql: node.raw_code.trim().slice(0, longestSql) } : {}),
      ...partitionsOf(entry, columns.columns, context),
      ...automations.get(dbt),
    }
    const { inlined } = readsOf(node, dbt.manifest)
    return { spec, content: modelContent({ node, inlined, manifest: dbt.manifest, vars: dbt.vars }) }
  })
  const testsOf: CompiledModels['testsOf'] = (order) => {
    const place = new Map(order.map((key, index) => [key, index]))
    return new Map(
      projects.flatMap((dbt) => {
        const own = [...wanted.values()].filter((entry) => entry.dbt === dbt)
        return [...testsByModel(dbt, new Map(own.map((entry) => [entry.node.unique_id, entry])), place)]
      }),
    )
  }
  const code = Object.fromEntries([...wanted.values()].map((entry) => [entry.key, modelCode(entry, context)]))
  return { drafts, known, code, testsOf }
}

/** A model that is only upstream of others may be declared all the same. */
function declaredModel({ key, dbt, node }: DbtEntry, definitions: ReadonlyMap<AssetKey, Model>): Model | undefined {
  const name = assetNameOf(node)
  if (definitions.has(key)) return definitions.get(key)
  return Object.hasOwn(dbt.definition.models, name) ? (dbt.definition.model(name) as unknown as Model) : undefined
}

function partitionsOf(
  { dbt: { definition }, node }: DbtEntry,
  columns: readonly ColumnSpec[],
  context: Context,
): Pick<ModelSpec, 'partitions' | 'partitionColumns'> {
  const name = assetNameOf(node)
  const of = <T>(by: Readonly<Record<string, T>>): T | undefined => (Object.hasOwn(by, name) ? by[name] : undefined)
  const [partitions, by] = [of(definition.partitions), of(definition.partitionBy)]
  const model = definition.model(name) as unknown as Model
  if (partitions === undefined) {
    if (by !== undefined) {
      context.report(model, 'a column tells its partitions, and it has none', `Say so: partitions: { ${name}: ... }`)
    }
    return {}
  }
  if (by === undefined) return { partitions: partitions.spec }
  const found = partitionColumns(model, partitions.spec, by, columns, context)
  return { partitions: partitions.spec, partitionColumns: found }
}

function describe({ dbt, node }: DbtEntry) {
  const { definition } = dbt
  const meta = { ...(node.config?.['meta'] as Record<string, unknown> | undefined) }
  const owners = [meta['owners'], meta['owner']].flat().filter((owner) => typeof owner === 'string')
  const file = fileOf({ dbt, node })
  return {
    description: node.description ? node.description.trim() : definition.description,
    group: node.group ?? definition.group,
    owners: [...new Set([...definition.owners, ...owners])],
    ...(definition.pools.length > 0 && { pools: definition.pools }),
    ...(definition.retry !== null && { retry: definition.retry }),
    tags: { ...definition.tags, ...Object.fromEntries((node.tags ?? []).map((tag) => [tag, ''])) },
    definedAt: { file, line: 1 },
    ...(typeof meta['formerly'] === 'string' && { formerly: meta['formerly'] as AssetKey }),
    path: file,
  }
}

function relationOf(node: DbtEntry['node']): Relation {
  return { schema: node.schema ?? '', name: node.alias ?? node.name }
}

function materialized(node: DbtEntry['node']): string {
  const configured = node.config?.['materialized']
  return typeof configured === 'string' ? configured : node.resource_type
}

function nodeId(dbt: ParsedDbt, id: string): string {
  return `${dbt.definition.name}\0${id}`
}

function sourceRelation(source: DbtSource): string {
  return relationId({ schema: source.schema, name: source.identifier ?? source.name })
}
