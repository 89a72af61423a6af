import type { AssetKey, DbtTestSpec } from '../../contract/index.ts'
import { isBuildable, type DbtEntry, type ParsedDbt } from './nodes.ts'
import type { DbtManifest, DbtNode } from './manifest.ts'

/**
 * dbt's tests by the asset that they check: the model that a test is written at, else the last of those that it reads.
 * A test that reads a model outside of the project is left out: it could not run.
 */
export function testsByModel(dbt: ParsedDbt, wanted: ReadonlyMap<string, DbtEntry>): Map<AssetKey, DbtTestSpec[]> {
  const { manifest } = dbt
  const depth = depths(manifest)
  const found = new Map<AssetKey, DbtTestSpec[]>()
  for (const node of Object.values(manifest.nodes)) {
    if (node.resource_type !== 'test' || node.config?.['enabled'] === false) continue
    const reads = (node.depends_on?.nodes ?? []).filter((id) => {
      const read = manifest.nodes[id]
      return read !== undefined && isBuildable(read)
    })
    if (reads.some((id) => !wanted.has(id))) continue
    const last = [...reads].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1)).at(-1)
    const target = wanted.get(node.attached_node ?? last ?? '')
    if (target === undefined) continue
    found.set(target.key, [...(found.get(target.key) ?? []), testSpec(node)])
  }
  return found
}

function testSpec(node: DbtNode): DbtTestSpec {
  const severity = String(node.config?.['severity'] ?? 'error').toLowerCase() === 'warn' ? 'warn' : 'error'
  return { name: node.name, uniqueId: node.unique_id, severity }
}

/** Length of the longest way up from a node. */
function depths(manifest: DbtManifest): (id: string) => number {
  const known = new Map<string, number>()
  const depth = (id: string): number => {
    const before = known.get(id)
    if (before !== undefined) return before
    known.set(id, 0)
    const reads = manifest.nodes[id]?.depends_on?.nodes ?? []
    const found = reads.reduce((most, read) => Math.max(most, depth(read) + 1), 0)
    known.set(id, found)
    return found
  }
  return depth
}
