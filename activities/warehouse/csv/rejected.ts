import type { TraitlineError } from '../../../orchestrator/contract/index.ts'
import { warehouseError } from '../errors.ts'

/** A row that does not fit, by its place alone: the value may be personal. */
export function csvRejected(place: {
  readonly path: string
  readonly line: number | null
  readonly column: string | null
  readonly reason: string
  /** How many values or rows were rejected, where that is known. */
  readonly count?: number
}): TraitlineError {
  const line = place.line === null ? '' : `, line ${place.line}`
  const column = place.column === null ? '' : `, column ${place.column}`
  const more =
    place.count !== undefined && place.count > 1 ? `; ${place.count.toLocaleString('en-US')} such in all` : ''
  return warehouseError('CSV_INVALID', `${place.path}${line}${column}: ${place.reason}${more}`)
}
