import { createWarehouse } from '../../../activities/warehouse/create-warehouse.ts'
import { TraitlineError, type AssetKey } from '../../contract/index.ts'
import { findConnections } from '../connections.ts'
import { latestRevision, openRecords, type Records, type Revision } from '../records.ts'
import { resolveAsset } from '../resolve-names.ts'
import type { CommandContext } from './context.ts'
import type { CommonOptions } from './options.ts'

export interface SyncCall extends Pick<CommonOptions, 'name'> {
  /** As it was typed. */
  readonly key: string
  /** What errors call it: `traitline sync dry-run`. */
  readonly command: string
}

interface OnSync {
  readonly records: Records
  readonly target: Revision
  readonly asset: AssetKey
  /** Its id. */
  readonly warehouse: string
}

/** Opens the record and Temporal for one sync. */
export async function withSync(
  context: CommandContext,
  { key, name, command }: SyncCall,
  work: (on: OnSync) => Promise<void>,
): Promise<void> {
  const settings = context.settings()
  const connections = await findConnections(settings, context.env)
  const records = await openRecords(connections, command)
  try {
    const target = await latestRevision(records.store, settings.environment, name ?? null)
    const asset = resolveAsset({ revision: target }, key)
    if (!asset.startsWith('sync/')) throw notASync(asset)
    const { id } = createWarehouse({ url: connections.warehouseUrl, home: settings.home })
    await work({ records, target, asset, warehouse: id })
  } finally {
    await records.close()
  }
}

export function notASync(key: string): TraitlineError {
  return new TraitlineError({
    code: 'NOT_A_SYNC',
    message: `${key} is not a sync`,
    hint: 'List the syncs: traitline sync',
    blame: 'user',
  })
}
