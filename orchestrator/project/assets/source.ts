import type { PartitionsSpec, Relation, SourceSpec } from '../../contract/index.ts'
import type { Source } from '../../define/source.ts'
import { baseSpec, type Context, type Draft } from '../context.ts'
import { partitionColumns } from '../partitions.ts'

export function compileSource(source: Source, context: Context): Draft<SourceSpec> {
  const relation = parseRelation(source.table)
  if (relation === null) {
    context.report(source, `its table "${source.table}" is not schema.name`, 'Write it like raw.purchases')
  }
  if (source.columns.length === 0) context.report(source, 'it has no columns', 'Declare those that are read')
  for (const path of source.load?.paths ?? []) {
    if (path.startsWith('home:') || context.fileExists(path)) continue
    context.report(source, `its file ${path} does not exist`, 'Paths are relative to the folder of traitline.ts')
  }
  const spec = {
    ...baseSpec('source', source, context, [], source.columns),
    relation: relation ?? { schema: source.table, name: source.table },
    load: source.load,
    ...(source.partitions === null ? {} : partitioned(source, source.partitions.spec, context)),
    ...(source.reportedBy !== null && { external: true }),
  }
  checkReported(source, context)
  const columns = source.columns.map(({ name, type }) => ({ name, type }))
  return { spec, content: { relation: spec.relation, load: spec.load, columns } }
}

function partitioned(
  source: Source,
  partitions: PartitionsSpec,
  context: Context,
): Pick<SourceSpec, 'partitionColumns'> {
  if (source.load !== null) {
    context.report(source, 'its files are loaded as a whole', 'Leave its partitions out')
  }
  return { partitionColumns: partitionColumns(source, partitions, source.partitionBy, source.columns, context) }
}

function parseRelation(table: string): Relation | null {
  const [schema, name, ...more] = table.split('.')
  return schema !== undefined && schema !== '' && name !== undefined && name !== '' && more.length === 0
    ? { schema, name }
    : null
}

/** What only a run could do is of no use to what no run touches. */
function checkReported(source: Source, context: Context): void {
  if (source.reportedBy === null) return
  const unused = [
    ...(source.load === null ? [] : ['load']),
    ...(source.pools.length === 0 ? [] : ['pools']),
    ...(source.retry === null ? [] : ['retry']),
    ...(source.automation === null ? [] : ['automation']),
    ...(source.partitions === null ? [] : ['partitions']),
  ]
  for (const option of unused) {
    context.report(
      source,
      `it is reported by others, so its ${option} would never be used`,
      `Take ${option} away, or reportedBy`,
    )
  }
}
