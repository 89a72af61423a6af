import {
  nameOf,
  type AssetKey,
  type AssetSpec,
  type PartitionView,
  type Relation,
} from '../../../orchestrator/contract/index.ts'
import {
  localDate,
  numbersIn,
  sizeOf,
  type MappedPartitions,
  type Partitioning,
} from '../../../orchestrator/graph/index.ts'
import type { Partitionings } from '../../../orchestrator/plan/index.ts'
import {
  namedRelation,
  rowsOfPartitions,
  rowsWithin,
  type ColumnBound,
  type DialectSql,
  type NamedRead,
} from '../../../orchestrator/sql/index.ts'
import type { ManifestIndex } from '../../runtime/index.ts'

export interface PartReads {
  readonly named: readonly NamedRead[]
  /** An asset's relation, or the name of those of its rows that are read. */
  relationOf(asset: AssetKey): Relation
}

/** Where a statement finds the partitions that it reads: under names of its own, made of the upstream's tables. */
export function partReads(
  dialect: DialectSql,
  manifest: ManifestIndex,
  reads: ReadonlyMap<AssetKey, MappedPartitions>,
  partitionings: Partitionings,
): PartReads {
  const named = new Map<AssetKey, NamedRead>()
  for (const [dep, { set }] of reads) {
    const partitioning = partitionings(dep)
    const query = partitioning === null ? null : rowsOf(dialect, manifest.asset(dep), partitioning, set)
    if (query !== null) named.set(dep, { name: `read${named.size}_${nameOf(dep)}`.slice(0, 63), query })
  }
  return {
    named: [...named.values()],
    relationOf(asset) {
      const read = named.get(asset)
      return read === undefined ? manifest.relation(asset) : namedRelation(read)
    },
  }
}

type Rows = NamedRead['query']

/** Null where the table has to be read as it is: of what dbt builds nobody told which rows are of which partition. */
function rowsOf(
  dialect: DialectSql,
  spec: AssetSpec,
  partitioning: Partitioning,
  set: MappedPartitions['set'],
): Rows | null {
  const whole = sizeOf(set) === partitioning.count
  if (spec.kind === 'model' || spec.relation === null) return null
  if (spec.kind !== 'source') {
    return rowsOfPartitions(
      dialect,
      spec.relation,
      whole ? null : [...numbersIn(set)].map((n) => partitioning.keyOf(n)),
    )
  }
  if (whole) return null
  const bounds = [...runsOf(set, partitioning)].map(([first, last]) =>
    boundsOf(spec, partitioning.view(first), partitioning.view(last)),
  )
  return rowsWithin(dialect, spec.relation, bounds)
}

/** Where there is only time, windows that follow each other are one. */
function* runsOf(
  set: MappedPartitions['set'],
  { spec }: Partitioning,
): Generator<readonly [first: number, last: number]> {
  const timeAlone = spec.dimensions.length === 1 && spec.dimensions[0]?.type === 'time'
  for (const [from, to] of set) {
    if (timeAlone) yield [from, to - 1]
    else for (let n = from; n < to; n++) yield [n, n]
  }
}

function boundsOf(
  spec: Extract<AssetSpec, { readonly kind: 'source' }>,
  first: PartitionView,
  last: PartitionView,
): ColumnBound[] {
  return (spec.partitions?.dimensions ?? []).map((dimension): ColumnBound => {
    const column = spec.partitionColumns?.[dimension.name] ?? ''
    const [from, to] = [first, last].map(({ dimensions }) => dimensions[dimension.name]!)
    if (dimension.type !== 'time') return { column, type: 'text', values: [from!.key] }
    const [start, end] = [from!.window!.start, to!.window!.end]
    return spec.columns.some(({ name, type }) => name === column && type === 'date')
      ? { column, type: 'date', from: localDate(dimension, start), to: localDate(dimension, end) }
      : { column, type: 'timestamp', from: start, to: end }
  })
}

/** The rows of one partition of a source. */
export function sourceRows(
  dialect: DialectSql,
  spec: Extract<AssetSpec, { readonly kind: 'source' }>,
  view: PartitionView,
): Rows {
  return rowsWithin(dialect, spec.relation, [boundsOf(spec, view, view)])
}
