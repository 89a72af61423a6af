import { sql } from 'kysely'
import type { LeaseOwner, LeaseRequest } from '../../contract/index.ts'
import type { Database, Tx } from '../database/database.ts'
import type { EventPartitions } from '../events/partitions.ts'
import type { LeaseStore } from '../store.ts'
import { slotsOf } from './decide.ts'
import { appendLeaseEvents } from './events.ts'
import { grantWhatIsFree } from './grant.ts'
import { effectiveLimits, operator, readLimits } from './limits.ts'
import { poolUse } from './use.ts'

export function createLeaseStore({ db }: Database, partitions: EventPartitions): LeaseStore {
  /** One change of an environment's leases after another. */
  async function locked<T>(environment: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    await partitions.ensure()
    return db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`traitline lease ${environment}`}, 0))`.execute(tx)
      return work(tx)
    })
  }

  /** Hands out what a change has made free. */
  async function regrant(tx: Tx, environment: string): Promise<{ untold: LeaseOwner[] }> {
    const { granted, untold } = await grantWhatIsFree(tx, environment)
    await appendLeaseEvents(tx, environment, 'lease_granted', granted)
    return { untold: untold.map(ownerOf) }
  }

  return {
    acquire: (request) =>
      locked(request.environment, async (tx) => {
        const { environment, workflowId } = request
        const asked = await enqueue(tx, request)
        const { leases, granted, untold } = await grantWhatIsFree(tx, environment, workflowId)
        const isOwn = (lease: LeaseOwner): boolean => lease.workflowId === workflowId
        const own = leases.find(isOwn)
        const isGranted = own !== undefined && own.grantedAt !== null
        if (isGranted && !own.notified && !granted.some(isOwn)) await markTold(tx, own)
        // Who got it at once has not waited.
        await appendLeaseEvents(
          tx,
          environment,
          'lease_granted',
          asked ? granted.filter((one) => !isOwn(one)) : granted,
        )
        if (asked && !isGranted && own !== undefined) await appendLeaseEvents(tx, environment, 'lease_waiting', [own])
        return { granted: isGranted, untold: untold.map(ownerOf) }
      }),

    release: (owner) =>
      locked(owner.environment, async (tx) => {
        await tx
          .deleteFrom('lease')
          .where('environment', '=', owner.environment)
          .where('workflow_id', '=', owner.workflowId)
          .where('execution', '=', owner.execution)
          .execute()
        return regrant(tx, owner.environment)
      }),

    told: (owner) => markTold(db, owner),

    setLimit: (environment, pool, slots) =>
      locked(environment, async (tx) => {
        if (slots === null) {
          await tx
            .deleteFrom('pool_limit')
            .where('environment', '=', environment)
            .where('pool', '=', pool)
            .where('source', '=', operator)
            .execute()
        } else {
          await tx
            .insertInto('pool_limit')
            .values({ environment, pool, source: operator, slots })
            .onConflict((conflict) => conflict.columns(['environment', 'pool', 'source']).doUpdateSet({ slots }))
            .execute()
        }
        return regrant(tx, environment)
      }),

    async limited(environment, pools) {
      const limits = effectiveLimits(await readLimits(db, environment))
      return new Set(pools.filter((pool) => slotsOf(limits, pool) < Infinity))
    },

    use: (environment) => poolUse(db, environment),
  }

  /** True if the request is new: the same execution's is kept as it is, an earlier execution's is void. */
  async function enqueue(tx: Tx, request: LeaseRequest): Promise<boolean> {
    const { environment, workflowId, execution, project, run, step, pools, priority } = request
    const { rows } = await sql`
      insert into traitline.lease (environment, workflow_id, execution, project, run, step, pools, priority)
      values (${environment}, ${workflowId}, ${execution}, ${project}, ${run}, ${step}, ${[...pools]}::text[], ${priority})
      on conflict (environment, workflow_id) do update
        set execution = excluded.execution, project = excluded.project, run = excluded.run, step = excluded.step,
          pools = excluded.pools, priority = excluded.priority, requested_at = excluded.requested_at,
          granted_at = null, notified = false
        where lease.execution <> excluded.execution
      returning id`.execute(tx)
    return rows.length > 0
  }
}

function ownerOf({ environment, workflowId, execution }: LeaseOwner): LeaseOwner {
  return { environment, workflowId, execution }
}

async function markTold(on: Database['db'], { environment, workflowId, execution }: LeaseOwner): Promise<void> {
  await on
    .updateTable('lease')
    .set({ notified: true })
    .where('environment', '=', environment)
    .where('workflow_id', '=', workflowId)
    .where('execution', '=', execution)
    .where('granted_at', 'is not', null)
    .execute()
}
