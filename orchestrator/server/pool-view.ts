import { poolPattern } from '../contract/index.ts'
import type { LeaseRow, PoolUse, WaitingLease } from '../store/store.ts'
import type { Pool, WaitingLease as WaitingView } from './schemas/pool.ts'

/** What is held and waited for, pool by pool: each that has a limit, a holder or somebody who waits. */
export function poolViews({ limits, held, waiting }: PoolUse): Pool[] {
  const names = new Set([...limits, ...held.flatMap(byPool), ...waiting.flatMap(byPool)].map(({ pool }) => pool))
  return [...names].sort().map((pool) => {
    const own = limits.filter((limit) => limit.pool === pool)
    return {
      pool,
      slots: slotsOf(limits, pool),
      limits: own.map(({ project, slots }) => ({ project, slots })),
      held: held.filter(({ pools }) => pools.includes(pool)).map(heldView),
      waiting: waiting.filter(({ pools }) => pools.includes(pool)).map(waitingView),
    }
  })
}

export function waitingView({ full, position, ...lease }: WaitingLease): WaitingView {
  return { ...leaseView(lease), full, position }
}

function heldView(lease: LeaseRow) {
  return { ...leaseView(lease), grantedAt: lease.grantedAt ?? lease.requestedAt }
}

function leaseView({ project, run, step, pools, priority, requestedAt }: LeaseRow) {
  return { project, run, step, pools, priority, requestedAt }
}

function byPool({ pools }: LeaseRow): { readonly pool: string }[] {
  return pools.map((pool) => ({ pool }))
}

function slotsOf(limits: PoolUse['limits'], pool: string): number | null {
  const own = limits.filter((limit) => limit.pool === pool)
  const byHand = own.find(({ project }) => project === null)
  if (byHand !== undefined) return byHand.slots
  if (own.length > 0) return Math.min(...own.map(({ slots }) => slots))
  const pattern = poolPattern(pool)
  return pattern === null || pattern === pool ? null : slotsOf(limits, pattern)
}
