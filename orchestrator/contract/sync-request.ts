import { TraitlineError } from './errors.ts'
import type { SyncSpec } from './spec.ts'

/**
 * What the next run of a sync is asked to do once, beside comparing: `resync` sends everything that the source has, and
 * still takes away what left; `adopt` takes all of it for delivered and sends nothing of it; `forget` lets go of what was
 * delivered and has left the source, and leaves it where it is.
 */
export const syncRequests = ['resync', 'adopt', 'forget'] as const
export type SyncRequest = (typeof syncRequests)[number]

/** Why a sync cannot do it: a mode that compares nothing has nothing to adopt or to forget. Null if it can. */
export function unfitRequest(
  { key, mode }: Pick<SyncSpec, 'key' | 'mode'>,
  request: SyncRequest,
): TraitlineError | null {
  if (mode !== 'append' || request === 'resync') return null
  return new TraitlineError({
    code: 'SYNC_REQUEST_UNFIT',
    message: `${key} cannot ${request}: the mode append compares nothing, so nothing is known of what it delivered`,
    hint: `To send all of it once more: traitline sync resync ${key}`,
    blame: 'user',
  })
}
