import { sql } from 'kysely'
import type { Database, Db } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import type { NewEvent } from '../events/append.ts'
import type { EventPartitions } from '../events/partitions.ts'
import type { NewRunRequest, RunRequestStore } from './types.ts'

/** In a statement at most: each names its assets, which are thousands where all were asked for. */
const batch = 50

/** Answers those that are new. */
export async function insertRequests(
  tx: Db,
  scopeId: number,
  requests: readonly NewRunRequest[],
): Promise<NewRunRequest[]> {
  const added: NewRunRequest[] = []
  for (let at = 0; at < requests.length; at += batch) {
    added.push(...(await insertSome(tx, scopeId, requests.slice(at, at + batch))))
  }
  return added
}

async function insertSome(tx: Db, scopeId: number, requests: readonly NewRunRequest[]): Promise<NewRunRequest[]> {
  const added = await tx
    .insertInto('run_request')
    .values(
      requests.map(({ scheduledAt: _, ...request }) => ({
        ...request,
        targets: [...request.targets],
        scope_id: scopeId,
      })),
    )
    .onConflict((conflict) => conflict.columns(['scope_id', 'origin', 'key']).doNothing())
    .returning('run')
    .execute()
  const runs = new Set(added.map(({ run }) => run))
  return requests.filter(({ run }) => runs.has(run))
}

export function requestedEvents(requests: readonly NewRunRequest[]): NewEvent[] {
  return requests.map(({ run, origin, key, selection, targets, scheduledAt }) => ({
    run,
    type: 'run_requested',
    data: { origin, key, selection, targets: targets.length, ...(scheduledAt !== undefined && { scheduledAt }) },
  }))
}

export function createRunRequests({ db, scopes }: Database, partitions: EventPartitions): RunRequestStore {
  const query = db
    .selectFrom('run_request')
    .select(['run', 'origin', 'key', 'revision', 'selection', 'targets', 'partitions', 'force', 'failure'])
    .select(['requested_at as requestedAt', 'settled_at as settledAt'])

  return {
    async open(scope, limit, after = null) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return []
      return query
        .where('scope_id', '=', scopeId)
        .where('settled_at', 'is', null)
        .$if(after !== null, (of) =>
          of.where('number', '>', (inner) =>
            inner.selectFrom('run_request').select('number').where('run', '=', after!),
          ),
        )
        .orderBy('number')
        .limit(limit)
        .execute()
    },

    async count(scope, origin) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return 0
      const { count } = await db
        .selectFrom('run_request')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('scope_id', '=', scopeId)
        .where('origin', '=', origin)
        .where('settled_at', 'is', null)
        .executeTakeFirstOrThrow()
      return Number(count)
    },

    async settle(run, failure) {
      await partitions.ensure()
      await db
        .updateTable('run_request')
        .set({ settled_at: sql`clock_timestamp()`, failure: failure && toJson(failure) })
        .where('run', '=', run)
        .where('settled_at', 'is', null)
        .execute()
    },

    async list(scope, { origin, limit, before }) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return []
      return query
        .where('scope_id', '=', scopeId)
        .$if(origin !== undefined, (of) => of.where('origin', '=', origin!))
        .$if(before !== undefined, (of) =>
          of.where('number', '<', (inner) =>
            inner.selectFrom('run_request').select('number').where('run', '=', before!),
          ),
        )
        .orderBy('number', 'desc')
        .limit(limit)
        .execute()
    },
  }
}
