import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'
import { TraitlineError } from '../../contract/index.ts'
import type { AssetKey } from '../../contract/index.ts'

/** Which sync, and as whom. */
export interface Writer {
  readonly scopeId: number | null
  readonly sync: AssetKey
  readonly epoch: number
}

/**
 * A common table expression `writer` with the sync's asset_id if the epoch is the current one, and without rows
 * otherwise. Whatever takes its rows from it happens only for the current writer: the row stays locked against a
 * takeover until the statement's transaction has ended, and a takeover that came first is seen, even if the statement
 * had begun before it.
 */
export function writerOf({ scopeId, sync, epoch }: Writer): RawBuilder<unknown> {
  return sql`writer as materialized (
    select sync_writer.asset_id from traitline.sync_writer
    join traitline.asset on asset.id = sync_writer.asset_id
    where asset.scope_id = ${scopeId}::integer and asset.key = ${sync}::text and sync_writer.epoch = ${epoch}::bigint
    for share of sync_writer
  )`
}

export function fenced(sync: AssetKey): TraitlineError {
  return new TraitlineError({
    code: 'SYNC_FENCED',
    message: `${sync}: another writer has taken over`,
    hint: 'Nothing to do: the later writer goes on from what is recorded.',
    blame: 'system',
  })
}
