import {
  nameOf,
  referencesIn,
  type AssetKey,
  type AssetKind,
  type AssetLineage,
  type AssetSpec,
  type ColumnDependency,
  type ColumnUse,
  type EntitySpec,
  type FieldMapping,
  type MappedReference,
  type Predicate,
  type ModelCodes,
} from '../../contract/index.ts'
import type { ParsedQuery } from './queries.ts'
import { createTranslator, joined, type Tables } from './translate.ts'

/** What a kind's lineage is made of. */
export interface LineageContext {
  readonly tables: Tables
  readonly code: ModelCodes
  readonly parsed: ReadonlyMap<AssetKey, ParsedQuery>
  entity(name: string): EntitySpec
  asset(key: AssetKey): AssetSpec | undefined
}

type SpecOf<Kind extends AssetKind> = Extract<AssetSpec, { readonly kind: Kind }>
type Lineage = Omit<AssetLineage, 'asset'>

const none: Lineage = { precision: 'columns', columns: {}, rows: [], warnings: [] }

/** Each kind tells what its columns and rows are made of. */
const byKind: { readonly [Kind in AssetKind]: (spec: SpecOf<Kind>, context: LineageContext) => Lineage } = {
  source: (spec) => ({ ...none, columns: Object.fromEntries(spec.columns.map(({ name }) => [name, []])) }),

  model(spec, context) {
    const code = context.code[spec.key]
    if (code?.columns !== undefined) {
      return { ...none, columns: Object.fromEntries(code.columns.map((name) => [name, []])) }
    }
    if (code?.sql === undefined) return opaque(spec, code?.reason ?? 'its SQL was not kept when it was deployed')
    const made = ofQuery(spec, context)
    return spec.materialized === 'snapshot' && made.precision === 'columns' ? withHistory(made) : made
  },

  notebook: (spec) => opaque(spec),

  trait(spec, context) {
    const key = context.entity(spec.entity).key.column
    const name = nameOf(spec.key)
    if (spec.origin.type === 'column') {
      const { asset, column } = spec.origin
      const columns = { [key]: [read(asset, key, 'IDENTITY')], [name]: [read(asset, column, 'IDENTITY')] }
      return { ...none, columns }
    }
    const { columns, ...made } = ofQuery(spec, context)
    if (made.precision === 'opaque') return { ...made, columns: { [key]: [], [name]: [] } }
    const found = (column: string): readonly ColumnDependency[] => columns[column.toLowerCase()] ?? []
    return { ...made, columns: { [key]: found(key), [name]: found('value') } }
  },

  user_model(spec, context) {
    const entity = context.entity(spec.entity)
    const values = spec.traits.map((trait) => [nameOf(trait), [read(trait, nameOf(trait), 'IDENTITY')]] as const)
    const keys = keysOf(entity, spec.traits, context)
    return {
      ...none,
      columns: { [entity.key.column]: keys, ...Object.fromEntries(values) },
      rows: spec.traits.map((trait) => read(trait, entity.key.column, 'JOIN')),
    }
  },

  audience(spec, context) {
    const entity = context.entity(spec.entity)
    const tested = predicateColumns(spec.where, entity.key.column)
    const traits = tested.filter(({ asset }) => context.asset(asset)?.kind === 'trait').map(({ asset }) => asset)
    const keys = keysOf(entity, traits, context)
    const joins = tested.map(({ asset }) => read(asset, entity.key.column, 'JOIN'))
    return { ...none, columns: { [entity.key.column]: keys }, rows: joined([...tested, ...joins]) }
  },

  sync(spec, context) {
    const key = context.entity(spec.entity).key.column
    const columns = Object.fromEntries([
      ...spec.mapping.map((mapping) => [mapping.field, mapped(mapping, spec, key)] as const),
      ...(spec.also ?? []).flatMap(({ stream, mapping }) =>
        mapping.map((each) => [`${stream}.${each.field}`, mapped(each, spec, key)] as const),
      ),
    ])
    const traits = spec.deps.filter((dep) => dep !== spec.from && context.asset(dep) !== undefined)
    const joins = traits.map((trait) => read(trait, key, 'JOIN'))
    return { ...none, columns, rows: joined([read(spec.from, key, 'FILTER'), ...joins]) }
  },
}

export function lineageOf<Kind extends AssetKind>(spec: SpecOf<Kind>, context: LineageContext): AssetLineage {
  const tell = byKind[spec.kind] as (spec: SpecOf<Kind>, context: LineageContext) => Lineage
  return { asset: spec.key, ...tell(spec, context) }
}

function read(asset: AssetKey, column: string, ...uses: readonly ColumnUse[]): ColumnDependency {
  return { asset, column, uses }
}

/** Nobody can look inside: all of it may depend on all that it reads. */
function opaque(spec: AssetSpec, reason?: string): Lineage {
  const columns = Object.fromEntries(spec.columns.map(({ name }) => [name, []]))
  const warnings = reason === undefined ? [] : [`its columns are not told apart: ${reason}`]
  return { precision: 'opaque', columns, rows: [], warnings }
}

function ofQuery(spec: AssetSpec, context: LineageContext): Lineage {
  const parsed = context.parsed.get(spec.key)
  if (parsed === undefined) return opaque(spec, 'its SQL was not parsed in time')
  if (parsed.opaque !== undefined) return opaque(spec, parsed.opaque)
  const translator = createTranslator(context.tables)
  const spelling = context.tables.spelling.get(spec.key)
  const columns: Record<string, readonly ColumnDependency[]> = {}
  for (const [column, dependencies] of Object.entries(parsed.columns ?? {})) {
    const found = translator.dependencies(dependencies)
    if (column !== '*') columns[spelling?.get(column) ?? column] = found
  }
  const rows = translator.dependencies(parsed.rows ?? [])
  const strangers = [...translator.strangers].sort().map((table) => `it reads ${table}, which is no asset's table`)
  // A declared column that a pattern hides: it is there, and what it is made of is not known.
  for (const { name } of parsed.columns?.['*'] === undefined ? [] : spec.columns) columns[name] ??= []
  return { precision: 'columns', columns, rows, warnings: [...(parsed.warnings ?? []), ...strangers] }
}

/** The columns that dbt adds to a snapshot say when a row was so. */
function withHistory(made: Lineage): Lineage {
  const added = ['dbt_scd_id', 'dbt_updated_at', 'dbt_valid_from', 'dbt_valid_to']
  return { ...made, columns: { ...made.columns, ...Object.fromEntries(added.map((name) => [name, []])) } }
}

/** Everyone there is: the population's table, or whoever has one of the traits. */
function keysOf(entity: EntitySpec, traits: readonly AssetKey[], context: LineageContext): ColumnDependency[] {
  const tables = entity.population === null ? traits : [entity.population]
  return tables
    .filter((table) => context.asset(table) !== undefined)
    .map((table) => read(table, entity.key.column, 'IDENTITY'))
}

function predicateColumns(predicate: Predicate, key: string): ColumnDependency[] {
  const found: ColumnDependency[] = []
  const visit = (node: Predicate): void => {
    if (node.op === 'compare') found.push(read(node.trait, nameOf(node.trait), 'FILTER'))
    else if (node.op === 'in_audience') found.push(read(node.audience, key, 'FILTER'))
    else if (node.op === 'not') visit(node.of)
    else node.of.forEach(visit)
  }
  visit(predicate)
  return joined(found)
}

function mapped({ value }: FieldMapping, sync: SpecOf<'sync'>, key: string): ColumnDependency[] {
  const use: ColumnUse = referencesIn(value).includes(value as MappedReference) ? 'IDENTITY' : 'TRANSFORMATION'
  return joined(
    referencesIn(value).map((reference) => {
      if (reference.type === 'key') return read(sync.from, key, use)
      if (reference.type === 'trait') return read(reference.trait, nameOf(reference.trait), use)
      return read(reference.asset, reference.column, use)
    }),
  )
}
