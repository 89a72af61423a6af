import { WorkflowNotFoundError } from '@temporalio/client'
import type { Client } from '@temporalio/client'
import { leaseGranted } from '../contract/index.ts'
import type { LeaseActivities, LeaseOwner, LeaseRequest } from '../contract/index.ts'
import type { LeaseStore, NewlyGranted } from '../store/store.ts'

/** Slots of pools between the record, which knows whose they are, and Temporal, which knows who is still there. */
export interface LeaseKeeper extends LeaseActivities {
  /** An operator's limit; null takes it away. Whoever may go on then is told. */
  setLimit(environment: string, pool: string, slots: number | null): Promise<void>
}

export function createLeaseKeeper(deps: { readonly client: Client; readonly leases: LeaseStore }): LeaseKeeper {
  const { client, leases } = deps

  /** Tells each that it may go on. One that is gone gives its slot to the next. */
  async function tell(untold: NewlyGranted): Promise<void> {
    const queue = [...untold]
    const seen = new Set<string>()
    for (let owner = queue.shift(); owner !== undefined; owner = queue.shift()) {
      if (seen.has(owner.execution)) continue
      seen.add(owner.execution)
      try {
        await client.workflow.getHandle(owner.workflowId).signal(leaseGranted, owner.execution)
        await leases.told(owner)
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error
        queue.push(...(await leases.release(owner)).untold)
      }
    }
  }

  async function ask(request: LeaseRequest): Promise<boolean> {
    const { granted, untold } = await leases.acquire(request)
    await tell(untold)
    return granted
  }

  /** Gives back what workflows hold that were terminated, or lost with their Temporal. */
  async function reclaim({ environment, pools }: LeaseRequest): Promise<void> {
    const { held } = await leases.use(environment)
    const wanted = held.filter((lease) => lease.pools.some((pool) => pools.includes(pool)))
    for (const lease of wanted) {
      if (await isOpen(client, lease)) continue
      await tell((await leases.release(lease)).untold)
    }
  }

  return {
    async acquireLease(request) {
      if (request.reclaim) await reclaim(request)
      return { granted: await ask(request) }
    },
    releaseLease: async (owner) => tell((await leases.release(owner)).untold),
    setLimit: async (environment, pool, slots) => tell((await leases.setLimit(environment, pool, slots)).untold),
  }
}

/** Whether this execution of the workflow, or a continuation of it, is under way. */
async function isOpen(client: Client, { workflowId, execution }: LeaseOwner): Promise<boolean> {
  try {
    const { raw, status } = await client.workflow.getHandle(workflowId).describe()
    const first = raw.workflowExecutionInfo?.firstRunId
    return (status.name === 'RUNNING' || status.name === 'PAUSED') && (!first || first === execution)
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}
