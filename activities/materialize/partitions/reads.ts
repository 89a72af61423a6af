import {
  nameOf,
  type AssetKey,
  type AssetSpec,
  type ModelSpec,
  type SourceSpec,
  type PartitionValue,
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
  partitionValue,
  rowsOfPartitions,
  rowsWithin,
  type ColumnBound,
  type DialectSql,
  type Fragment,
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

/** The same for the checks of a partition: with the rows that it holds itself. */
export function checkedReads(
  dialect: DialectSql,
  manifest: ManifestIndex,
  {
    spec,
    view,
    reads,
  }: { readonly spec: AssetSpec; readonly view: PartitionView } & {
    readonly reads: ReadonlyMap<AssetKey, MappedPartitions>
  },
  partitionings: Partitionings,
): Omit<PartReads, 'relationOf'> & {
  readonly own: Relation | null
  readonly relationOf: (asset: AssetKey) => Relation
} {
  const { named, relationOf } = partReads(dialect, manifest, reads, partitionings)
  const rows = ownRows(dialect, spec, view)
  if (rows === null) return { named, own: spec.relation, relationOf }
  const own: NamedRead = { name: 'traitline_checked', query: rows }
  const relation = namedRelation(own)
  return {
    named: [...named, own],
    own: relation,
    relationOf: (asset) => (asset === spec.key ? relation : relationOf(asset)),
  }
}

/** Null for a model whose columns do not tell: only its table as a whole can be looked at. */
function ownRows(dialect: DialectSql, spec: AssetSpec, view: PartitionView): Rows | null {
  if (isWrittenByOthers(spec)) return rowsByColumns(dialect, spec, view)
  if (spec.kind === 'model' || spec.relation === null) return null
  return rowsOfPartitions(dialect, spec.relation, [view.key])
}

type Rows = NamedRead['query']

/** Null where the table has to be read as it is: of a model of which nobody told which rows are of which partition. */
function rowsOf(
  dialect: DialectSql,
  spec: AssetSpec,
  partitioning: Partitioning,
  set: MappedPartitions['set'],
): Rows | null {
  const whole = sizeOf(set) === partitioning.count
  if (!isWrittenByOthers(spec)) {
    if (spec.kind === 'model' || spec.relation === null) return null
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

/** A table that Traitline does not fill, whose columns tell the partition of a row. */
export type WrittenByOthers =
  SourceSpec | (ModelSpec & { readonly partitionColumns: NonNullable<ModelSpec['partitionColumns']> })

export function isWrittenByOthers(spec: AssetSpec): spec is WrittenByOthers {
  return spec.kind === 'source' || (spec.kind === 'model' && spec.partitionColumns !== undefined)
}

function boundsOf(spec: WrittenByOthers, first: PartitionView, last: PartitionView): ColumnBound[] {
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

/** The rows of one partition of a source or model. */
export function rowsByColumns(dialect: DialectSql, spec: WrittenByOthers, view: PartitionView): Rows {
  return rowsWithin(dialect, spec.relation, [boundsOf(spec, view, view)])
}

/** What SQL that asks for the partition is given. */
export function valuesOf(dialect: DialectSql, view: PartitionView): (value: PartitionValue) => Fragment {
  return ({ value, dimension }) => {
    const part = dimension === null ? view : view.dimensions[dimension]
    if (value === 'key') return partitionValue(dialect, part?.key ?? null, 'text')
    return partitionValue(dialect, part?.window?.[value] ?? null, 'timestamp')
  }
}
