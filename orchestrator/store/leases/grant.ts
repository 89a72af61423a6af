import { sql } from 'kysely'
import type { Db, Tx } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import type { LeaseRow } from '../store.ts'
import { decideGrants, turnName, type LeaseState } from './decide.ts'
import { effectiveLimits, readLimits } from './limits.ts'

export interface StoredLease extends LeaseRow {
  readonly id: number
  readonly notified: boolean
}

/** Grants what may be granted now. Answers all leases as they are then, who was granted one, and who was not told. */
export async function grantWhatIsFree(
  tx: Tx,
  environment: string,
): Promise<{
  readonly leases: readonly StoredLease[]
  readonly granted: readonly StoredLease[]
  readonly untold: readonly StoredLease[]
}> {
  const leases = await readLeases(tx, environment)
  const decided = leases.some((lease) => lease.grantedAt === null)
    ? decideGrants(await leaseState(tx, environment, leases)).map(({ id }) => id)
    : []
  const grantedAt = new Date().toISOString()
  if (decided.length > 0) await grant(tx, environment, decided)
  const chosen = new Set(decided)
  const now = leases.map((lease) => (chosen.has(lease.id) ? { ...lease, grantedAt } : lease))
  return {
    leases: now,
    granted: now.filter(({ id }) => chosen.has(id)),
    untold: now.filter((lease) => lease.grantedAt !== null && !lease.notified),
  }
}

/** In the order in which they asked. */
export async function readLeases(db: Db, environment: string): Promise<StoredLease[]> {
  return db
    .selectFrom('lease')
    .select(['id', 'environment', 'workflow_id as workflowId', 'execution', 'project', 'run', 'step', 'pools'])
    .select(['priority', 'requested_at as requestedAt', 'granted_at as grantedAt', 'notified'])
    .where('environment', '=', environment)
    .orderBy('requested_at')
    .orderBy('id')
    .execute()
}

export async function leaseState(db: Db, environment: string, leases: readonly StoredLease[]): Promise<LeaseState> {
  const limits = effectiveLimits(await readLimits(db, environment))
  const turns = await db
    .selectFrom('pool_turn')
    .select(['pool', 'project', 'turn'])
    .where('environment', '=', environment)
    .execute()
  return {
    limits,
    held: leases.filter(({ grantedAt }) => grantedAt !== null),
    waiting: leases.filter(({ grantedAt }) => grantedAt === null),
    turns: new Map(turns.map(({ pool, project, turn }) => [turnName(pool, project), turn])),
  }
}

/** In one statement: who has a slot, and whose turn it was. `ids` in the order of their turns. */
async function grant(tx: Tx, environment: string, ids: readonly number[]): Promise<void> {
  await sql`
    with chosen as (
      select id, place from jsonb_array_elements_text(${toJson(ids)}::jsonb) with ordinality as of (id, place)
    ), granted as (
      update traitline.lease set granted_at = clock_timestamp()
      from chosen where lease.id = chosen.id::bigint
      returning lease.pools, lease.project, chosen.place
    ), turns as (
      select pool, project, max(place) + (
        select coalesce(max(turn), 0) from traitline.pool_turn where environment = ${environment}
      ) as turn
      from granted, unnest(granted.pools) as pool
      group by pool, project
    )
    insert into traitline.pool_turn (environment, pool, project, turn)
    select ${environment}, pool, project, turn from turns
    on conflict (environment, pool, project) do update set turn = excluded.turn`.execute(tx)
}
