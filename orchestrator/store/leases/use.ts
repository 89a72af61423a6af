import type { Db } from '../database/database.ts'
import type { LeaseRow, PoolUse, WaitingLease } from '../store.ts'
import { slotsOf, waitingOrder, type LeaseState } from './decide.ts'
import { readState, type StoredLease } from './grant.ts'

/** Who holds what and who waits, in the order in which they would be served now. */
export async function poolUse(db: Db, environment: string): Promise<PoolUse> {
  const { leases, limits, state } = await readState(db, environment)
  return {
    limits,
    held: leases.filter(({ grantedAt }) => grantedAt !== null).map(leaseRow),
    waiting: waitingLeases(state, leases),
  }
}

function waitingLeases(state: LeaseState, leases: readonly StoredLease[]): WaitingLease[] {
  const byId = new Map(leases.map((lease) => [lease.id, lease]))
  const used = new Map<string, number>()
  for (const { pools } of state.held) for (const pool of pools) used.set(pool, (used.get(pool) ?? 0) + 1)
  const before = new Map<string, number>()
  return waitingOrder(state).map(({ id, pools }) => {
    const position = Math.max(0, ...pools.map((pool) => before.get(pool) ?? 0)) + 1
    for (const pool of pools) before.set(pool, (before.get(pool) ?? 0) + 1)
    const full = pools.filter((pool) => (used.get(pool) ?? 0) >= slotsOf(state.limits, pool))
    return { ...leaseRow(byId.get(id) as StoredLease), full, position }
  })
}

function leaseRow({ id: _id, notified: _notified, ...row }: StoredLease): LeaseRow {
  return row
}
