import type { AssetKey, AssetSpec, AssetStates, Scope } from '../../contract/index.ts'
import { failuresWithin, partitionsRead, type Partitionings } from './facts.ts'

/** Beyond so many failing partitions of one asset the oldest are not looked at one by one. */
const mostFailing = 10_000

/** What is asked of the record of partitions that failed a blocking check. */
export interface FailingReader {
  failing(
    scope: Scope,
    asset: AssetKey,
    limit: number,
  ): Promise<readonly { readonly partition: string; readonly failedChecks: readonly string[] }[]>
}

/**
 * What an asset without partitions reads of one with partitions may be some of them, such as the last seven: of the
 * failed checks of an upstream those alone count that were found in there. Asks nothing where nothing failed.
 */
export async function withFailuresRead(
  reader: FailingReader,
  scope: Scope,
  spec: AssetSpec,
  states: AssetStates,
  open: () => Partitionings | Promise<Partitionings>,
): Promise<AssetStates> {
  const asked = (Object.entries(spec.mappings ?? {}) as [AssetKey, Record<string, { type: string }>][]).flatMap(
    ([dep, mapping]) =>
      (states[dep]?.latest?.wholeFailedChecks ?? []).length > 0 &&
      Object.values(mapping).some(({ type }) => type !== 'all' && type !== 'latest')
        ? [dep]
        : [],
  )
  if (spec.partitions !== undefined || asked.length === 0) return states
  const partitionings = await open()
  const read = partitionsRead(spec, null, partitionings)
  const narrowed: Record<AssetKey, AssetStates[AssetKey]> = { ...states }
  for (const dep of asked) {
    const state = states[dep]!
    const [partitioning, mapped] = [partitionings(dep), read.get(dep)]
    if (partitioning === null || mapped === undefined) continue
    const failing = await reader.failing(scope, dep, mostFailing)
    const wholeFailedChecks = failuresWithin(mapped.set, partitioning, failing)
    narrowed[dep] = { ...state, latest: { ...state.latest!, wholeFailedChecks } }
  }
  return narrowed
}
