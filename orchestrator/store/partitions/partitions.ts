import { sql } from 'kysely'
import type { AssetKey, Scope } from '../../contract/index.ts'
import { partitionStatuses } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import type { EventPartitions } from '../events/partitions.ts'
import type { StoredState } from '../assets/states.ts'
import { createPartitionKeys } from './keys.ts'
import { readPartitionOutcomes, recordPartitionOutcomes } from './outcomes.ts'
import { recordPartitions } from './record.ts'
import { readRuns } from './runs.ts'
import { partitionStates, startPartitions } from './start.ts'
import type { PartitionCounts, PartitionRow, PartitionStore, RunPartitionRow } from './types.ts'

export function createPartitionStore(database: Database, log: EventPartitions): PartitionStore {
  const { db, scopes } = database
  /** An asset's id, for use in a statement; without one nothing is found. */
  const idOf = async (scope: Scope, asset: AssetKey) => sql`(
    select id from traitline.asset where scope_id = ${await scopes.find(scope)}::integer and key = ${asset}::text
  )`
  const totals = async (scope: Scope, assets: readonly AssetKey[]): Promise<ReadonlyMap<AssetKey, PartitionCounts>> => {
    const { rows } = await sql<PartitionCounts & { key: AssetKey }>`
      select asset.key, running, materialized, failed, upstream_failed, cancelled, made, failing
      from traitline.partition_total join traitline.asset on asset.id = asset_id
      where scope_id = ${await scopes.find(scope)}::integer and asset.key = any(${assets}::text[])`.execute(db)
    return new Map(rows.map(({ key, ...counts }) => [key, counts]))
  }
  const columns = sql`partition, position, status, run, data_version as "dataVersion", code_version as "codeVersion", upstream,
          rows, failed_checks as "failedChecks", materialized_at as "materializedAt", duration_ms as "durationMs",
          failure`
  const ranColumns = sql`asset.key as asset, partition, step, ran.status, attempt, started_at as "startedAt",
    ended_at as "endedAt", failure, rows`

  return {
    ...createPartitionKeys(database),

    async start(input, asset, partitions, attempt) {
      await log.ensure()
      return startPartitions(database, input, asset, partitions, attempt)
    },

    async record(input, asset, made) {
      await log.ensure()
      return recordPartitions(database, input, asset, made)
    },

    async recordOutcomes(scope, run, outcomes) {
      await log.ensure()
      await recordPartitionOutcomes(db, await scopes.ensure(scope), run, outcomes)
    },

    outcomes: (run, asset, partitions) => readPartitionOutcomes(database, run, asset, partitions),

    async states(scope, asset, partitions) {
      const { rows } = await sql<StoredState>`
        select partition as key, code_version, data_version, upstream, warehouse, duration_ms, failed_checks,
          last_attempt
        from traitline.asset_partition
        where asset_id = ${await idOf(scope, asset)} and partition = any(${partitions}::text[])`.execute(db)
      return partitionStates(rows)
    },

    async find(scope, asset, partitions) {
      const { rows } = await sql<PartitionRow>`
        select ${columns} from traitline.asset_partition
        where asset_id = ${await idOf(scope, asset)} and partition = any(${partitions}::text[])`.execute(db)
      return rows
    },

    async counts(scope, asset) {
      const none = Object.fromEntries([...partitionStatuses, 'made', 'failing'].map((status) => [status, 0]))
      return (await totals(scope, [asset])).get(asset) ?? (none as PartitionCounts)
    },

    totals,

    async failing(scope, asset, limit) {
      const { rows } = await sql<{ partition: string; failedChecks: string[] }>`
        select partition, failed_checks as "failedChecks" from traitline.asset_partition
        where asset_id = ${await idOf(scope, asset)} and failed_checks <> '{}'
        order by position desc limit ${limit}`.execute(db)
      return rows
    },

    async page(scope, asset, { limit, status, after, descending = false }) {
      const [beyond, order] = descending ? [sql`<`, sql`desc`] : [sql`>`, sql`asc`]
      const { rows } = await sql<PartitionRow>`
        select ${columns}
        from traitline.asset_partition
        where asset_id = ${await idOf(scope, asset)}
          ${status === undefined ? sql`` : sql`and status = ${status}`}
          ${after === undefined ? sql`` : sql`and (position, partition) ${beyond} (${after.position}::bigint, ${after.partition}::text)`}
        order by position ${order}, partition ${order}
        limit ${limit}`.execute(db)
      return rows
    },

    runs: async (scope, asset, partitions) => readRuns(db, await idOf(scope, asset), partitions),

    async history(scope, asset, partition, limit) {
      const { rows } = await sql<RunPartitionRow & { run: string }>`
        select ran.run, ${ranColumns}
        from traitline.run_partition ran join traitline.asset on asset.id = ran.asset_id
        where ran.asset_id = ${await idOf(scope, asset)} and partition = ${partition}
        order by started_at desc nulls first
        limit ${limit}`.execute(db)
      return rows
    },

    async ofRun(run, { limit, offset, status }) {
      const { rows } = await sql<RunPartitionRow>`
        select ${ranColumns}
        from traitline.run_partition ran join traitline.asset on asset.id = ran.asset_id
        where ran.run = ${run} ${status === undefined ? sql`` : sql`and ran.status = ${status}`}
        order by ran.position, ran.asset_id, partition
        limit ${limit} offset ${offset}`.execute(db)
      return rows
    },
  }
}
