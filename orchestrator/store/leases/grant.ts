import { sql } from 'kysely'
import type { Db, Tx } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import type { LeaseRow, PoolLimitRow } from '../store.ts'
import { decideGrants, turnName, type LeaseState } from './decide.ts'
import { effectiveLimits } from './limits.ts'

export interface StoredLease extends LeaseRow {
  readonly id: number
  readonly notified: boolean
}

/**
 * Grants what may be granted now. Answers all leases as they are then, who was granted one, and who was not told: of
 * `asking` it is told by the answer that it waits for.
 */
export async function grantWhatIsFree(
  tx: Tx,
  environment: string,
  asking: string | null = null,
): Promise<{
  readonly leases: readonly StoredLease[]
  readonly granted: readonly StoredLease[]
  readonly untold: readonly StoredLease[]
}> {
  const { leases, state } = await readState(tx, environment)
  const decided = decideGrants(state).map(({ id }) => id)
  const chosen = new Set(decided)
  const grantedAt = new Date().toISOString()
  if (decided.length > 0) await grant(tx, environment, decided, asking)
  const now = leases.map((lease) => (chosen.has(lease.id) ? { ...lease, grantedAt } : lease))
  return {
    leases: now,
    granted: now.filter(({ id }) => chosen.has(id)),
    untold: now.filter((lease) => lease.grantedAt !== null && !lease.notified && lease.workflowId !== asking),
  }
}

interface Answer {
  readonly leases: readonly StoredLease[]
  readonly limits: readonly PoolLimitRow[]
  readonly turns: readonly { readonly pool: string; readonly project: string; readonly turn: number }[]
}

/** Leases in the order in which they were asked for, and all that decides who is next: one round trip. */
export async function readState(
  db: Db,
  environment: string,
): Promise<{
  readonly leases: readonly StoredLease[]
  readonly limits: readonly PoolLimitRow[]
  readonly state: LeaseState
}> {
  const { rows } = await sql<Answer>`
    select
      (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'environment', environment, 'workflowId', workflow_id,
          'execution', execution, 'project', project, 'run', run, 'step', step, 'pools', pools, 'priority', priority,
          'requestedAt', to_char(requested_at at time zone 'UTC', ${isoFormat}),
          'grantedAt', to_char(granted_at at time zone 'UTC', ${isoFormat}),
          'notified', notified) order by requested_at, id), '[]')
        from traitline.lease where environment = ${environment}) as leases,
      (select coalesce(jsonb_agg(jsonb_build_object('pool', pool, 'slots', slots, 'project', nullif(source, ''))
          order by pool, source), '[]')
        from traitline.pool_limit where environment = ${environment}) as limits,
      (select coalesce(jsonb_agg(jsonb_build_object('pool', pool, 'project', project, 'turn', turn)), '[]')
        from traitline.pool_turn where environment = ${environment}) as turns`.execute(db)
  const { leases, limits, turns } = rows[0] as Answer
  const state = {
    limits: effectiveLimits(limits),
    held: leases.filter(({ grantedAt }) => grantedAt !== null),
    waiting: leases.filter(({ grantedAt }) => grantedAt === null),
    turns: new Map(turns.map(({ pool, project, turn }) => [turnName(pool, project), turn])),
  }
  return { leases, limits, state }
}

const isoFormat = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'

/** In one statement: who has a slot, and whose turn it was. `ids` in the order of their turns. */
async function grant(tx: Tx, environment: string, ids: readonly number[], asking: string | null): Promise<void> {
  await sql`
    with chosen as (
      select id, place from jsonb_array_elements_text(${toJson(ids)}::jsonb) with ordinality as of (id, place)
    ), granted as (
      update traitline.lease
      set granted_at = clock_timestamp(), notified = coalesce(workflow_id = ${asking}::text, false)
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
