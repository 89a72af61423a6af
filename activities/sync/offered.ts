import { TraitlineError } from '../../orchestrator/contract/index.ts'
import type { DestinationCatalog, DestinationSyncMode, RowOperation } from '../../connectors/protocol/index.ts'
import { operationsOf } from './catalog.ts'
import type { SyncSetup } from './setup.ts'

/** What a sync mode of the protocol stands for where the destination does not say more. */
const implied: Readonly<Record<DestinationSyncMode, readonly RowOperation[]>> = {
  append: ['append'],
  overwrite: [],
  append_dedup: ['upsert'],
  update: ['update'],
  soft_delete: ['delete'],
}

/**
 * Before anything is frozen: the destination offers each operation of the mode for the object, by its own `discover`.
 * One that says nothing of the object is believed what its streams were declared with. Throws SYNC_MODE_NOT_OFFERED.
 */
export function requireOffered(catalog: DestinationCatalog | null, { spec, stream }: SyncSetup): void {
  const offers = (catalog?.operations ?? []).filter(({ object_name: name }) => standsFor(name, stream.name))
  if (offers.length === 0) return
  const offered = new Set(offers.flatMap(({ sync_mode, row_operations }) => row_operations ?? implied[sync_mode]))
  const missing = operationsOf(spec.mode).filter((operation) => !offered.has(operation))
  if (missing.length === 0) return
  throw new TraitlineError({
    code: 'SYNC_MODE_NOT_OFFERED',
    message: `${spec.key} has the mode ${spec.mode}, and ${stream.name} of ${spec.destination} does not offer ${missing.join(' and ')}`,
    hint: `It offers ${[...offered].sort().join(', ')}: take another mode, or look at the object and the permissions there.`,
    blame: 'user',
  })
}

/** `groups/*` stands for all whose names begin so, `*` for all. */
function standsFor(offered: string, object: string): boolean {
  return offered.endsWith('*') ? object.startsWith(offered.slice(0, -1)) : object === offered
}
