import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Warehouse } from '../../activities/warehouse/warehouse.ts'
import { TraitlineError } from '../contract/index.ts'
import { claimFile } from './stack/claim.ts'

const waitMs = 30_000
const pollMs = 250

/**
 * Makes this process the one worker of a warehouse that only one process may open, and answers how to give it up.
 * A worker that is about to leave is waited for. Throws WAREHOUSE_OWNED where one stays.
 */
export async function ownWarehouse(
  warehouse: Pick<Warehouse, 'id' | 'ownerFile'>,
  signal?: AbortSignal,
  patienceMs = waitMs,
): Promise<() => Promise<void>> {
  const { ownerFile } = warehouse
  if (ownerFile === null) return () => Promise.resolve()
  await mkdir(dirname(ownerFile), { recursive: true })
  for (const deadline = Date.now() + patienceMs; ;) {
    const claim = await claimFile(ownerFile)
    if ('release' in claim) return claim.release
    if (Date.now() > deadline) throw owned(warehouse.id, claim.takenBy)
    await delay(pollMs, undefined, { signal })
  }
}

function owned(id: string, pid: number): TraitlineError {
  return new TraitlineError({
    code: 'WAREHOUSE_OWNED',
    message: `the worker with process id ${pid} owns the warehouse ${id}, whose file one process at a time may open`,
    hint: 'Let that one do the work, or stop it first. For several workers use a warehouse that is a server.',
    blame: 'config',
  })
}
