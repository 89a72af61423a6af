import type { AssetKey, DbtTestSpec } from '../../contract/index.ts'
import { isBuildable, type DbtEntry, type ParsedDbt } from './nodes.ts'
import type { DbtNode } from './manifest.ts'

/**
 * dbt's tests by the asset that they check: the model that a test is written at, else the last of those that it reads.
 * A test that reads a model outside of the project is left out: it could not run.
 */
export function testsByModel(
  { manifest }: ParsedDbt,
  wanted: ReadonlyMap<string, DbtEntry>,
  place: ReadonlyMap<AssetKey, number>,
): Map<AssetKey, DbtTestSpec[]> {
  const placeOf = (id: string): number => place.get(wanted.get(id)?.key as AssetKey) ?? -1
  const found = new Map<AssetKey, DbtTestSpec[]>()
  for (const node of Object.values(manifest.nodes)) {
    if (node.resource_type !== 'test') continue
    const reads = (node.depends_on?.nodes ?? []).filter((id) => {
      const read = manifest.nodes[id]
      return read !== undefined && isBuildable(read)
    })
    if (reads.some((id) => !wanted.has(id))) continue
    const last = [...reads].sort((a, b) => placeOf(a) - placeOf(b)).at(-1)
    const target = wanted.get(node.attached_node ?? last ?? '')
    if (target === undefined) continue
    const keys = reads.flatMap((id) => wanted.get(id)?.key ?? [])
    found.set(target.key, [...(found.get(target.key) ?? []), testSpec(node, keys)])
  }
  return found
}

function testSpec(node: DbtNode, reads: readonly AssetKey[]): DbtTestSpec {
  const severity = String(node.config?.['severity'] ?? 'error').toLowerCase() === 'warn' ? 'warn' : 'error'
  return { name: node.name, uniqueId: node.unique_id, severity, reads }
}
