import { configError } from '../errors.ts'
import type { HttpAnswer } from '../http/index.ts'
import { refusedWhole, type Verdict } from './verdict.ts'

/**
 * What a refusal (3xx, 4xx) means where the vendor's own words say no more: something is wrong with what the request
 * holds, which is answered, or with how it was made, which is thrown. `permission` is what a 403 asks for.
 */
export function verdictByStatus(vendor: string, { status }: HttpAnswer, permission: string): Verdict {
  if (status === 413) return refusedWhole('too_large', `${vendor} finds the row too large (HTTP 413).`)
  if (status === 400 || status === 422) {
    return refusedWhole('refused', `${vendor} refuses the row (HTTP ${status}) and does not say why.`)
  }
  if (status === 403) throw configError(`${vendor} forbids it (HTTP 403): ${permission}`)
  throw configError(`${vendor} has nothing at this address (HTTP ${status}): check the address and the region.`)
}
