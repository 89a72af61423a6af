import { isAssetKey, type AssetKey, type AssetSpec, type ConnectorRef, type SyncSpec } from '../contract/index.ts'
import type { AssetStatusRow, Store } from '../store/store.ts'
import { RequestProblem } from './problem.ts'
import type { Project } from './project-reader.ts'
import type { AssetDetail } from './schemas/asset.ts'

/** The definition of a key that the graph answered. */
export function specOf(project: Project, key: AssetKey): AssetSpec {
  const spec = project.graph.get(key)
  if (spec === undefined) throw unknownAsset(project, key)
  return spec
}

/** The definition of what a caller calls a key. */
export function findAsset(project: Project, key: string): AssetSpec {
  if (!isAssetKey(key)) throw unknownAsset(project, key)
  return specOf(project, key)
}

/** The sync of what a caller calls a key. */
export function findSync(project: Project, key: string): SyncSpec {
  const spec = findAsset(project, key)
  if (spec.kind === 'sync') return spec
  throw new RequestProblem(404, 'NOT_A_SYNC', `${spec.key} is not a sync.`, 'Ask for a key under sync/.')
}

function unknownAsset(project: Project, key: string): RequestProblem {
  return new RequestProblem(
    404,
    'ASSET_NOT_FOUND',
    `Revision ${project.revision} of project ${project.scope.project} has no asset ${key}.`,
    'Look for it under /assets; keys read kind/name and are url-encoded in addresses, as in trait%2Forders.',
  )
}

export async function statusByKey(store: Store, project: Project): Promise<Map<AssetKey, AssetStatusRow>> {
  const rows = await store.assets.statuses(project.scope)
  return new Map(rows.map((row) => [row.asset, row]))
}

/** Where a sync sends to, without the configuration, which may say more than a reader of the page should know. */
export function destinationOf(project: Project, spec: AssetSpec): AssetDetail['destination'] {
  if (spec.kind !== 'sync') return null
  const destination = project.manifest.destinations.find(({ name }) => name === spec.destination)
  if (destination === undefined) return null
  return { name: destination.name, connector: connectorLabel(destination.connector), stream: spec.stream }
}

function connectorLabel(connector: ConnectorRef): string {
  if (connector.type === 'builtin') return connector.name
  if (connector.type === 'pypi' || connector.type === 'npm') return `${connector.package} ${connector.version}`
  if (connector.type === 'image') return connector.image
  return connector.command[0] ?? 'command'
}

/** How many edges away each asset is that can be reached from `key`, which itself is left out; nearest first. */
export function distances(key: AssetKey, neighbours: (key: AssetKey) => readonly AssetKey[]): Map<AssetKey, number> {
  const found = new Map<AssetKey, number>([[key, 0]])
  // A map's iteration goes on to what is added meanwhile: this walks breadth first.
  for (const [at, distance] of found) {
    for (const neighbour of neighbours(at)) {
      if (!found.has(neighbour)) found.set(neighbour, distance + 1)
    }
  }
  found.delete(key)
  return found
}
