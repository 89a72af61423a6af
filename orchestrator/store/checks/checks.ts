import { sql } from 'kysely'
import type { Selectable } from 'kysely'
import { noCheckCounts, type AssetKey, type Scope } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import type { Tables } from '../database/tables.ts'
import { appendEvents } from '../events/append.ts'
import type { EventPartitions } from '../events/partitions.ts'
import type { CheckRow, CheckRunRow, CheckStore } from '../store.ts'
import { createPartitionCheckStore, partitionResults } from './of-partitions.ts'
import { recordChecks } from './record.ts'

export function createCheckStore(database: Database, partitions: EventPartitions): CheckStore {
  const { db, scopes } = database
  const ofPartitions = createPartitionCheckStore(database)

  const results = (scopeId: number) =>
    db
      .selectFrom('check_result')
      .innerJoin('asset', 'asset.id', 'check_result.asset_id')
      .select([
        'asset.key as asset',
        'name',
        'severity',
        'passed',
        'failures',
        'message',
        'blocking',
        'metadata',
        'run',
        'at',
      ])
      .where('asset.scope_id', '=', scopeId)

  const runs = () =>
    db
      .selectFrom('check_run')
      .innerJoin('scope', 'scope.id', 'check_run.scope_id')
      .selectAll('check_run')
      .select(['environment', 'project'])

  return {
    async history(scope, asset, { limit, name, partition }): Promise<CheckRow[]> {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return []
      const asked = { asset, limit, ...(name !== undefined && { name }), ...(partition !== undefined && { partition }) }
      const cut = await partitionResults(database, scope, asked)
      if (partition !== undefined) return cut
      const whole = await results(scopeId)
        .where('asset.key', '=', asset)
        .$if(name !== undefined, (query) => query.where('name', '=', name!))
        .orderBy('at', 'desc')
        .orderBy('materialization_id', 'desc')
        .orderBy('position')
        .limit(limit)
        .execute()
      // Where an asset had no partitions once, or has none any more, there are results of both.
      if (cut.length === 0 || whole.length === 0) return [...cut, ...whole]
      return [...cut, ...whole].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).slice(0, limit)
    },

    async resultsOf(scope, run, { limit }): Promise<CheckRow[]> {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return []
      const whole = await results(scopeId)
        .where('run', '=', run)
        .orderBy('at')
        .orderBy('asset.key')
        .orderBy('position')
        .limit(limit)
        .execute()
      return whole.length >= limit
        ? whole
        : [...whole, ...(await partitionResults(database, scope, { run, limit: limit - whole.length }))]
    },

    async latest(scope, asset) {
      const row = await materializations(database, scope, asset, null)
      return row === null
        ? null
        : {
            id: String(row.id),
            rows: row.rows,
            metadata: row.metadata,
            warehouse: row.warehouse,
            failedChecks: row.failed_checks,
          }
    },

    async lastGood(scope, asset, name, before) {
      const row = await materializations(database, scope, asset, { before })
      if (row === null) return null
      const kept = await db
        .selectFrom('check_result')
        .select('reference')
        .where('materialization_id', '=', row.id)
        .where('name', '=', name)
        .where('reference', 'is not', null)
        .orderBy('at', 'desc')
        .limit(1)
        .executeTakeFirst()
      return { rows: row.rows, reference: kept?.reference ?? null }
    },

    ...ofPartitions,

    async recordPartition(input) {
      await partitions.ensure()
      return ofPartitions.recordPartition(input)
    },

    async record(input) {
      await partitions.ensure()
      return recordChecks(database, input)
    },

    async begin({ scope, run, revision, selection, targets, partitions: asked = null, accept }) {
      const row = {
        id: run,
        scope_id: await scopes.ensure(scope),
        revision,
        selection,
        targets: [...targets],
        accept,
        partitions: asked,
        counts: toJson({}),
      }
      await db
        .insertInto('check_run')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },

    async finish(scope, run, { status, counts, failure }) {
      const scopeId = await scopes.ensure(scope)
      await partitions.ensure()
      await db.transaction().execute(async (tx) => {
        const ended = await tx
          .updateTable('check_run')
          .set({
            status,
            counts: toJson(counts),
            failure: failure === null ? null : toJson(failure),
            ended_at: sql`now()`,
          })
          .where('id', '=', run)
          .where('ended_at', 'is', null)
          .returning('id')
          .executeTakeFirst()
        if (ended === undefined) return
        await appendEvents(tx, scopeId, [{ run, type: 'check_run_finished', data: { status, ...counts } }])
      })
    },

    async run(run) {
      const row = await runs().where('check_run.id', '=', run).executeTakeFirst()
      return row === undefined ? null : checkRunRow(row)
    },

    async runs(scope, limit) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return []
      const rows = await runs().where('scope_id', '=', scopeId).orderBy('number', 'desc').limit(limit).execute()
      return rows.map(checkRunRow)
    },
  }
}

/** The latest materialisation; with `good`, the latest that failed no blocking check. */
async function materializations(
  { db, scopes }: Database,
  scope: Scope,
  asset: AssetKey,
  good: { readonly before: string | null } | null,
) {
  const scopeId = await scopes.find(scope)
  if (scopeId === null) return null
  const row = await db
    .selectFrom('materialization')
    .innerJoin('asset', 'asset.id', 'materialization.asset_id')
    .select(['materialization.id', 'rows', 'metadata', 'warehouse', 'failed_checks'])
    .where('asset.scope_id', '=', scopeId)
    .where('asset.key', '=', asset)
    .$if(good !== null, (query) => query.where(sql<boolean>`failed_checks = '{}'`))
    .$if(good !== null && good.before !== null, (query) => query.where('materialization.id', '<', Number(good!.before)))
    .orderBy('materialization.id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}

function checkRunRow(row: Selectable<Tables['check_run']> & Scope): CheckRunRow {
  const { environment, project, id, revision, selection, targets, partitions, accept, status, failure } = row
  return {
    ...{ environment, project, run: id, revision, selection, targets, partitions, accept, status, failure },
    counts: { ...noCheckCounts, ...row.counts },
    startedAt: row.started_at,
    endedAt: row.ended_at,
  }
}
