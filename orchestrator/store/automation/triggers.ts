import { sql } from 'kysely'
import type { Failure } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import { toJson, toText } from '../database/json.ts'
import { appendEvents, type NewEvent } from '../events/append.ts'
import type { EventPartitions } from '../events/partitions.ts'
import { insertRequests, requestedEvents } from './run-requests.ts'
import type { TriggerStore } from './types.ts'

export function createTriggerStore({ db, scopes }: Database, partitions: EventPartitions): TriggerStore {
  const sensors = db
    .selectFrom('sensor')
    .select(['name', 'cursor', 'polls', 'polled_at as polledAt', 'requested', 'failure'])
  const deliveries = db
    .selectFrom('webhook_delivery')
    .select(['id', 'received_at as receivedAt', 'settled_at as settledAt', 'requested', 'failure'])

  return {
    async sensor(scope, name) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return null
      const row = await sensors.where('scope_id', '=', scopeId).where('name', '=', name).executeTakeFirst()
      return row ?? null
    },

    async sensors(scope) {
      const scopeId = await scopes.find(scope)
      return scopeId === null ? [] : sensors.where('scope_id', '=', scopeId).orderBy('name').execute()
    },

    async recordPoll({ scope, name, polls, cursor, failure, requests }) {
      const scopeId = await scopes.ensure(scope)
      await partitions.ensure()
      return db.transaction().execute(async (tx) => {
        const before = await tx
          .selectFrom('sensor')
          .select('failure')
          .where('scope_id', '=', scopeId)
          .where('name', '=', name)
          .forUpdate()
          .executeTakeFirst()
        const polled = {
          cursor: cursor === null ? null : toText(cursor),
          polls: polls + 1,
          polled_at: sql<string>`clock_timestamp()`,
          requested: requests.length,
          failure: failure && toJson(failure),
        }
        const changed = await tx
          .insertInto('sensor')
          .values({ scope_id: scopeId, name, ...polled })
          .onConflict((conflict) =>
            conflict.columns(['scope_id', 'name']).doUpdateSet(polled).where('sensor.polls', '=', polls),
          )
          .returning('polls')
          .executeTakeFirst()
        if (!changed) return null
        const added = await insertRequests(tx, scopeId, requests)
        await appendEvents(tx, scopeId, [
          ...turned(`sensor/${name}`, before?.failure ?? null, failure),
          ...requestedEvents(added),
        ])
        return added.length
      })
    },

    async receive({ scope, webhook, id, payload }) {
      const scopeId = await scopes.ensure(scope)
      const added = await db
        .insertInto('webhook_delivery')
        .values({ scope_id: scopeId, webhook, id, payload: toJson(payload) })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .executeTakeFirst()
      return added !== undefined
    },

    async delivery(scope, webhook, id) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return null
      const row = await deliveries
        .select('payload')
        .where('scope_id', '=', scopeId)
        .where('webhook', '=', webhook)
        .where('id', '=', id)
        .executeTakeFirst()
      return row ?? null
    },

    async deliveries(scope, webhook, limit) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return []
      return deliveries
        .where('scope_id', '=', scopeId)
        .where('webhook', '=', webhook)
        .orderBy('received_at', 'desc')
        .limit(limit)
        .execute()
    },

    async settleDelivery({ scope, webhook, id, failure, requests }) {
      const scopeId = await scopes.ensure(scope)
      await partitions.ensure()
      await db.transaction().execute(async (tx) => {
        const settled = await tx
          .updateTable('webhook_delivery')
          .set({
            settled_at: sql`clock_timestamp()`,
            payload: null,
            requested: requests.length,
            failure: failure && toJson(failure),
          })
          .where('scope_id', '=', scopeId)
          .where('webhook', '=', webhook)
          .where('id', '=', id)
          .where('settled_at', 'is', null)
          .returning('id')
          .executeTakeFirst()
        if (!settled) return
        const before = await tx
          .selectFrom('webhook_delivery')
          .select('failure')
          .where('scope_id', '=', scopeId)
          .where('webhook', '=', webhook)
          .where('settled_at', 'is not', null)
          .where('id', '!=', id)
          .orderBy('settled_at', 'desc')
          .limit(1)
          .executeTakeFirst()
        const added = await insertRequests(tx, scopeId, requests)
        await appendEvents(tx, scopeId, [
          ...turned(`webhook/${webhook}`, before?.failure ?? null, failure),
          ...requestedEvents(added),
        ])
      })
    },
  }
}

/** That a sensor or a webhook began to fail, fails for another reason, or works again: not each time that it does. */
function turned(trigger: string, before: Failure | null, now: Failure | null): NewEvent[] {
  if (before?.code === now?.code) return []
  if (now === null) return [{ run: null, type: 'trigger_recovered', data: { trigger } }]
  return [{ run: null, type: 'trigger_failed', data: { trigger, code: now.code } }]
}
