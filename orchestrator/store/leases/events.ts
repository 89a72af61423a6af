import { sql } from 'kysely'
import type { Tx } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import type { LeaseRow } from '../store.ts'

/** Tells the log of leases that are waited for, and of those that were granted after a wait. */
export async function appendLeaseEvents(
  tx: Tx,
  environment: string,
  type: 'lease_waiting' | 'lease_granted',
  leases: readonly LeaseRow[],
): Promise<void> {
  if (leases.length === 0) return
  const rows = leases.map(({ project, run, step, pools, requestedAt, grantedAt }) => ({
    project,
    run,
    step,
    data: {
      ...(step !== null && { step }),
      pools,
      ...(grantedAt !== null && { waitedMs: Math.max(0, Date.parse(grantedAt) - Date.parse(requestedAt)) }),
    },
  }))
  await sql`
    insert into traitline.event (scope_id, run, asset_id, type, data)
    select scope.id, new.run, asset.id, ${type}, new.data
    from rows from (jsonb_to_recordset(${toJson(rows)}::jsonb) as (project text, run text, step text, data jsonb))
      with ordinality as new (project, run, step, data, place)
    join traitline.scope on scope.environment = ${environment} and scope.project = new.project
    left join traitline.asset on asset.scope_id = scope.id and asset.key = new.step
    order by new.place`.execute(tx)
}
