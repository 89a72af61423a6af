import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { toJson, toText } from '../database/json.ts'
import type { EventPartitions } from '../events/partitions.ts'
import { appendRequested, insertRequests } from './run-requests.ts'
import type { TriggerStore } from './types.ts'

/** Ids of deliveries are kept so long: a sender does not try again later than this. */
const keptDays = 30

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
        const kept = await sql`
          insert into traitline.sensor (scope_id, name, cursor, polls, polled_at, requested, failure)
          select ${scopeId}::integer, ${name}::text, ${cursor === null ? null : toText(cursor)}::text, 1,
            clock_timestamp(), ${requests.length}::integer, ${failure && toJson(failure)}::jsonb
          where ${polls}::bigint = 0
          on conflict (scope_id, name) do nothing
          returning polls`.execute(tx)
        const changed =
          polls === 0
            ? kept.rows.length > 0
            : (await tx
                .updateTable('sensor')
                .set({
                  cursor: cursor === null ? null : toText(cursor),
                  polls: polls + 1,
                  polled_at: sql`clock_timestamp()`,
                  requested: requests.length,
                  failure: failure && toJson(failure),
                })
                .where('scope_id', '=', scopeId)
                .where('name', '=', name)
                .where('polls', '=', polls)
                .returning('polls')
                .executeTakeFirst()) !== undefined
        if (!changed) return null
        const added = await insertRequests(tx, scopeId, requests)
        await appendRequested(tx, scopeId, added)
        return added.length
      })
    },

    async receive({ scope, webhook, id, payload }) {
      const scopeId = await scopes.ensure(scope)
      await sql`
        delete from traitline.webhook_delivery
        where received_at < now() - make_interval(days => ${keptDays}) and settled_at is not null`.execute(db)
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
        await appendRequested(tx, scopeId, await insertRequests(tx, scopeId, requests))
      })
    },
  }
}
