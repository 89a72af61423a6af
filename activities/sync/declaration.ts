import type { BatchLimits } from '../../orchestrator/sql/sync-freeze.ts'
import type { DestinationCatalog } from '../../connectors/protocol/index.ts'

/** How a destination wants to be sent to. */
export interface Declaration {
  /** It may be given a batch whose outcome is unknown again: it recognises the batch. */
  readonly idempotent: boolean
  readonly limits: BatchLimits
  /** Batches that may be under way before one is acknowledged. */
  readonly inFlight: number
}

const defaultRows = 5_000
const defaultBytes = 8 * 1024 * 1024

/**
 * From what its `discover` says. A destination that says nothing of itself may keep its acknowledgements until its
 * input ends, so that waiting for one would be waiting for ever.
 */
export function declarationOf(catalog: DestinationCatalog | null, object: string): Declaration {
  const idempotent = catalog?.idempotent === true
  const own = catalog?.operations.find(({ object_name }) => object_name === object)?.recommended_batch_size
  const rows = own ?? catalog?.recommended_batch_size ?? defaultRows
  return {
    idempotent,
    limits: { rows: Math.max(1, rows), bytes: defaultBytes },
    inFlight: idempotent ? 4 : catalog?.idempotent === false ? 1 : Infinity,
  }
}
