import type { Migration } from './migration.ts'
import { record } from './0001-record.ts'
import { durations } from './0002-durations.ts'
import { logLimits } from './0003-log-limits.ts'
import { lineage } from './0004-lineage.ts'
import { syncWarehouses } from './0005-sync-warehouses.ts'
import { checks } from './0006-checks.ts'
import { leases } from './0007-leases.ts'
import { partitions } from './0008-partitions.ts'
import { automation } from './0009-automation.ts'
import { reports } from './0010-reports.ts'
import { openlineage } from './0011-openlineage.ts'
import { freshness } from './0012-freshness.ts'
import { syncRounds } from './0013-sync-rounds.ts'
import { retention } from './0014-retention.ts'
import { alerts } from './0015-alerts.ts'
import { backfills } from './0016-backfills.ts'
import { triggers } from './0017-triggers.ts'
import { partitionChecks } from './0018-partition-checks.ts'
import { partitionRuns } from './0019-partition-runs.ts'
import { outbox } from './0020-outbox.ts'
import { results } from './0021-results.ts'
import { requestPartitions } from './0022-request-partitions.ts'
import { runConfig } from './0023-run-config.ts'
import { deliveries } from './0024-deliveries.ts'
import { deadMessages } from './0025-dead-messages.ts'
import { syncOperations } from './0026-sync-operations.ts'
import { rateLimits } from './0027-rate-limits.ts'
import { syncRequests } from './0028-sync-requests.ts'

/** In the order of their numbers, without gaps from 1. */
export const migrations: readonly Migration[] = [
  record,
  durations,
  logLimits,
  lineage,
  syncWarehouses,
  checks,
  leases,
  partitions,
  automation,
  reports,
  openlineage,
  freshness,
  syncRounds,
  retention,
  alerts,
  backfills,
  triggers,
  partitionChecks,
  partitionRuns,
  outbox,
  results,
  requestPartitions,
  runConfig,
  deliveries,
  deadMessages,
  syncOperations,
  rateLimits,
  syncRequests,
]

/** The version of the schema that this code reads and writes. */
export const schemaVersion = migrations.length
