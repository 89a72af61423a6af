import { sql } from 'kysely'
import type { AssetKey } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import type { EventPartitions } from '../events/partitions.ts'
import { commitEvaluation } from './commit.ts'
import { createReader } from './read.ts'
import type { AutomationRow, AutomationStore } from './types.ts'

export function createAutomationStore({ db, scopes }: Database, partitions: EventPartitions): AutomationStore {
  const evaluations = (scopeId: number) =>
    db
      .selectFrom('automation_evaluation as evaluation')
      .innerJoin('asset', 'asset.id', 'evaluation.asset_id')
      .select(['asset.key as asset', 'at', 'revision', 'outcome', 'summary', 'tree', 'evaluation.run'])
      .select(sql<string>`evaluation.id::text`.as('id'))
      .where('asset.scope_id', '=', scopeId)

  return {
    async read(scope, work) {
      const scopeId = await scopes.ensure(scope)
      return db
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute((tx) => work(createReader(tx, scopeId)))
    },

    async commit(input) {
      await partitions.ensure()
      return commitEvaluation(db, await scopes.ensure(input.scope), input)
    },

    async nextAt(scope) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return null
      const row = await db
        .selectFrom('automation_asset')
        .innerJoin('asset', 'asset.id', 'automation_asset.asset_id')
        .select(({ fn }) => fn.min('next_at').as('at'))
        .where('scope_id', '=', scopeId)
        .executeTakeFirst()
      return row?.at ?? null
    },

    async runsOfTick(scope, cron, at) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return []
      const { rows } = await sql<{ run: string }>`
        select distinct run from traitline.automation_asset join traitline.asset on asset.id = asset_id
        where scope_id = ${scopeId}::integer and ticks ->> ${cron} = ${at} and run is not null`.execute(db)
      return rows.map(({ run }) => run)
    },

    async latest(scope, assets): Promise<AutomationRow[]> {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return []
      return evaluations(scopeId)
        .innerJoin('automation_asset', 'automation_asset.evaluation', 'evaluation.id')
        .$if(assets !== null, (query) => query.where(sql<boolean>`asset.key = any(${assets}::text[])`))
        .orderBy('asset.key')
        .execute()
    },

    async history(scope, { asset, limit, before }): Promise<AutomationRow[]> {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return []
      return evaluations(scopeId)
        .$if(asset !== undefined, (query) => query.where('asset.key', '=', asset as AssetKey))
        .$if(before !== undefined, (query) => query.where('evaluation.id', '<', Number(before)))
        .orderBy('evaluation.id', 'desc')
        .limit(limit)
        .execute()
    },
  }
}
