import type { Relation, SourceSpec } from '../../contract/index.ts'
import type { Source } from '../../define/source.ts'
import { baseSpec, type Context, type Draft } from '../context.ts'

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
  }
  const columns = source.columns.map(({ name, type }) => ({ name, type }))
  return { spec, content: { relation: spec.relation, load: spec.load, columns } }
}

function parseRelation(table: string): Relation | null {
  const [schema, name, ...more] = table.split('.')
  return schema !== undefined && schema !== '' && name !== undefined && name !== '' && more.length === 0
    ? { schema, name }
    : null
}
