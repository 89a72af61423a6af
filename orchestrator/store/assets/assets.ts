import type { Database } from '../database/database.ts'
import type { EventPartitions } from '../events/partitions.ts'
import type { AssetStore } from '../store.ts'
import { readBuilds } from './builds.ts'
import { readMaterializations } from './history.ts'
import { readOutcomes, recordOutcomes } from './outcomes.ts'
import { recordMaterialization, recordReport } from './record-materialization.ts'
import { registerAssets } from './register.ts'
import { startStep } from './start-step.ts'
import { statesOf } from './states.ts'
import { statusQuery, statusRow } from './status.ts'
import { wipeAssets } from './wipe.ts'

export function createAssetStore(database: Database, partitions: EventPartitions): AssetStore {
  const { db, pool, scopes } = database
  return {
    async register(scope, assets) {
      await registerAssets(db, await scopes.ensure(scope), assets)
    },

    async states(scope, keys) {
      const scopeId = await scopes.find(scope)
      const rows = scopeId === null ? [] : await pool.prepared('traitline_states', statusQuery(db, scopeId, keys))
      return statesOf(rows, keys)
    },

    async statuses(scope) {
      const scopeId = await scopes.find(scope)
      return scopeId === null ? [] : (await statusQuery(db, scopeId, null).execute()).map(statusRow)
    },

    async overview(scope, keys) {
      const scopeId = await scopes.find(scope)
      const rows = scopeId === null ? [] : await statusQuery(db, scopeId, null).execute()
      return { statuses: rows.map(statusRow), states: statesOf(rows, keys) }
    },

    async status(scope, asset) {
      const scopeId = await scopes.find(scope)
      const row = scopeId === null ? undefined : await statusQuery(db, scopeId, [asset]).executeTakeFirst()
      return row ? statusRow(row) : null
    },

    async startStep(input, assets, attempt, reads = []) {
      await partitions.ensure()
      return startStep(database, input, assets, attempt, reads)
    },

    async recordMaterialization(input, materialization, summary) {
      await partitions.ensure()
      return recordMaterialization(database, input, materialization, summary)
    },

    async recordReport(input, materialization) {
      await partitions.ensure()
      return recordReport(database, input, materialization)
    },

    async recordOutcomes(scope, run, outcomes) {
      await partitions.ensure()
      await recordOutcomes(db, await scopes.ensure(scope), run, outcomes)
    },

    async wipe(scope, keys) {
      await partitions.ensure()
      const scopeId = await scopes.find(scope)
      return scopeId === null ? [] : wipeAssets(database, scopeId, keys)
    },

    outcomes: (run, assets) => readOutcomes(database, run, assets),

    async materializations(scope, asset, page) {
      const scopeId = await scopes.find(scope)
      return scopeId === null ? [] : readMaterializations(db, scopeId, asset, page)
    },

    async builds(scope, keys) {
      const scopeId = await scopes.find(scope)
      return scopeId === null ? [] : readBuilds(db, scopeId, keys)
    },
  }
}
