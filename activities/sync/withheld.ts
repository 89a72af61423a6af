import type { SyncCounts } from '../../orchestrator/contract/index.ts'
import type { Row } from '../warehouse/warehouse.ts'

/** Nothing where nobody is left out for want of consent. */
export function withheldOf(row: Row): Pick<SyncCounts, 'withheld'> {
  const withheld = Number(row['withheld'] ?? 0)
  return withheld === 0 ? {} : { withheld }
}
