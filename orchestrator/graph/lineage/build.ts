import {
  TraitlineError,
  type AssetSpec,
  type ColumnLineage,
  type Manifest,
  type ModelCodes,
} from '../../contract/index.ts'
import { lineageOf, type LineageContext } from './kinds.ts'
import type { ParsedQuery } from './queries.ts'
import { tablesOf } from './translate.ts'

/** The column lineage of a project, of what was parsed of its SQL. What was not parsed is opaque, with a warning. */
export function buildLineage(manifest: Manifest, code: ModelCodes, parsed: readonly ParsedQuery[]): ColumnLineage {
  const entities = new Map(manifest.entities.map((entity) => [entity.name, entity]))
  const assets = new Map(manifest.assets.map((asset) => [asset.key, asset]))
  const context: LineageContext = {
    tables: tablesOf(manifest.assets),
    code,
    parsed: new Map(parsed.map((query) => [query.id, query])),
    asset: (key) => assets.get(key),
    entity: (name) => entities.get(name) ?? noEntity(manifest.project, name),
  }
  return { assets: manifest.assets.map((asset: AssetSpec) => lineageOf(asset, context)) }
}

function noEntity(project: string, name: string): never {
  throw new TraitlineError({
    code: 'MANIFEST_INCONSISTENT',
    message: `The manifest of project ${project} has assets of ${name}, but no entity of that name`,
    hint: 'Deploy the project again.',
    blame: 'system',
  })
}
