import type { AssetKey } from '../../contract/index.ts'
import type { Model } from '../../define/dbt.ts'
import { nearest } from '../../graph/index.ts'
import type { Context } from '../context.ts'
import type { DbtSource } from './manifest.ts'
import { assetNameOf, isEphemeral, type DbtEntry, type ParsedDbt } from './nodes.ts'

/** Reports models that the project declares or names, and dbt does not build. */
export function reportMissing(
  { definition, manifest }: ParsedDbt,
  models: readonly Model[],
  entries: ReadonlyMap<AssetKey, DbtEntry>,
  context: Context,
): void {
  const declared = Object.keys(definition.models).map((name) => definition.model(name) as unknown as Model)
  const named = models.filter(({ project }) => project === definition)
  const inPartitions = Object.keys({ ...definition.partitions, ...definition.partitionBy })
  const partitioned = inPartitions.map((name) => definition.model(name) as unknown as Model)
  for (const model of new Set([...declared, ...named, ...partitioned])) {
    if (entries.has(model.key)) continue
    const own = Object.values(manifest.nodes).filter((node) => assetNameOf(node) === model.name)
    if (own.some(isEphemeral)) {
      context.report(model, 'dbt makes no table of it: it is ephemeral', 'Materialize it as a table or view')
      continue
    }
    const names = [...entries.values()].filter(({ dbt }) => dbt.definition === definition)
    const near = nearest(
      model.name,
      names.map(({ node }) => assetNameOf(node)),
    )
    const fix = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Look at the models in ${definition.path}`
    context.report(model, `the dbt project ${definition.name} has no model ${model.name}`, fix)
  }
}

/** Reports a table that a model reads with `source()` and that is no asset's. */
export function reportUnmatched(source: DbtSource, reader: DbtEntry, context: Context): void {
  const { definition } = reader.dbt
  const table = `${source.schema}.${source.identifier ?? source.name}`
  const file = `${definition.path}/${source.original_file_path}`
  context.report(
    definition,
    `the model ${reader.node.name} reads dbt's source ${source.source_name}.${source.name} (${file}), and no asset has the table ${table}`,
    `Define source('${source.name}', { table: '${table}', ... }) and name it in the sources of dbt('${definition.name}')`,
  )
}
