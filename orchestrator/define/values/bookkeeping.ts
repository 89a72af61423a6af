import type { FilledBy, MapValue } from '../map-value.ts'

export interface Bookkeeping<Fills = unknown> extends MapValue<never, Fills> {
  readonly kind: 'bookkeeping'
  readonly what: 'synced_at' | 'run' | 'sync'
}

/**
 * When the sync run began: the same for all of its rows, however often it is tried. It makes no row differ from what
 * was sent before.
 *
 * ```ts
 * map: { id: customer.key, synced_at: syncedAt(), synced_by: syncName(), run: runId() }
 * ```
 */
export function syncedAt(): Bookkeeping<FilledBy<'timestamp'>> {
  return Object.freeze({ kind: 'bookkeeping', valueType: 'timestamp', what: 'synced_at' })
}

/** The id of the run that sends the row. */
export function runId(): Bookkeeping<FilledBy<'text'>> {
  return Object.freeze({ kind: 'bookkeeping', valueType: 'text', what: 'run' })
}

/** The name of the sync. */
export function syncName(): Bookkeeping<FilledBy<'text'>> {
  return Object.freeze({ kind: 'bookkeeping', valueType: 'text', what: 'sync' })
}
