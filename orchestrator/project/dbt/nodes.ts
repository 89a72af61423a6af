import { assetNamePattern, type AssetKey } from '../../contract/index.ts'
import type { Dbt } from '../../define/dbt.ts'
import type { Context } from '../context.ts'
import type { DbtManifest, DbtNode } from './manifest.ts'

/** A dbt project as it was parsed. */
export interface ParsedDbt {
  readonly definition: Dbt
  readonly manifest: DbtManifest
  /** The variables that dbt is given, and those of dbt_project.yml. */
  readonly vars: unknown
}

/** What dbt builds into a table or view: an asset. */
export interface DbtEntry {
  readonly dbt: ParsedDbt
  readonly node: DbtNode
  readonly key: AssetKey
}

const buildable = new Set(['model', 'seed', 'snapshot'])

/** Ephemeral models are no tables: dbt puts their code into those that read them. */
export function isEphemeral(node: DbtNode): boolean {
  return node.resource_type === 'model' && node.config?.['materialized'] === 'ephemeral'
}

export function isBuildable(node: DbtNode): boolean {
  return buildable.has(node.resource_type) && !isEphemeral(node)
}

/** `customers`, or `customers_v2` for version 2 of a model. */
export function assetNameOf(node: DbtNode): string {
  const version = node.version === undefined || node.version === null ? '' : `_v${node.version}`
  return `${node.name}${version}`.toLowerCase()
}

/** All that a dbt project builds, by asset key. Reports two of one name. */
export function entriesOf(dbt: ParsedDbt, context: Context): ReadonlyMap<AssetKey, DbtEntry> {
  const entries = new Map<AssetKey, DbtEntry>()
  for (const node of Object.values(dbt.manifest.nodes)) {
    if (!isBuildable(node)) continue
    const name = assetNameOf(node)
    const key: AssetKey = `model/${dbt.definition.name}/${name}`
    const other = entries.get(key)
    if (other !== undefined) {
      const reason = `dbt builds two tables called ${name}: ${other.node.unique_id} and ${node.unique_id}`
      context.report(dbt.definition, reason, 'Rename one of them')
    }
    if (!assetNamePattern.test(name)) {
      const reason = `the name of dbt's ${node.unique_id} has other characters than letters, digits and underscores`
      context.report(dbt.definition, reason, 'Rename the model; its alias may stay as it is')
    }
    entries.set(key, { dbt, node, key })
  }
  return entries
}

/** The nearest nodes up the graph that are tables or sources, and the ephemeral models on the way. */
export function readsOf(node: DbtNode, manifest: DbtManifest): { readonly ids: string[]; readonly inlined: DbtNode[] } {
  const ids = new Set<string>()
  const inlined = new Map<string, DbtNode>()
  const pending = [...(node.depends_on?.nodes ?? [])]
  for (let id = pending.shift(); id !== undefined; id = pending.shift()) {
    const upstream = manifest.nodes[id]
    if (upstream === undefined || !isEphemeral(upstream)) ids.add(id)
    else if (!inlined.has(id)) {
      inlined.set(id, upstream)
      pending.push(...(upstream.depends_on?.nodes ?? []))
    }
  }
  return { ids: [...ids], inlined: [...inlined.values()] }
}

/** A node's file, relative to the project's folder. */
export function fileOf({ dbt: { definition, manifest }, node }: Pick<DbtEntry, 'dbt' | 'node'>): string {
  const root = manifest.metadata.project_name ?? node.package_name
  const folder = node.package_name === root ? '' : `dbt_packages/${node.package_name}/`
  return `${definition.path}/${folder}${node.original_file_path}`
}
