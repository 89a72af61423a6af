import { createAlertStore } from './alerts/alerts.ts'
import { createAssetStore } from './assets/assets.ts'
import { createCheckStore } from './checks/checks.ts'
import { createAutomationStore } from './automation/automation.ts'
import { createRunRequests } from './automation/run-requests.ts'
import { createFreshnessStore } from './freshness/freshness.ts'
import { createTriggerStore } from './automation/triggers.ts'
import { openDatabase } from './database/database.ts'
import { StorePool } from './database/pool.ts'
import { createEventStore } from './events/events.ts'
import { EventListener } from './events/listener.ts'
import { EventPartitions } from './events/partitions.ts'
import { createLeaseStore } from './leases/leases.ts'
import { createLineageStore } from './lineage/lineage.ts'
import { createLogStore } from './logs/logs.ts'
import { createMaintenanceStore } from './maintenance/maintenance.ts'
import { createBackfillStore } from './backfills/backfills.ts'
import { createPartitionStore } from './partitions/partitions.ts'
import { createOpenLineageReader } from './openlineage/facts.ts'
import { createOutboxStore } from './outbox/outbox.ts'
import { createRateStore } from './rates/rates.ts'
import { createResultStore } from './results.ts'
import { createRevisionStore } from './revisions/revisions.ts'
import { createRunStore } from './runs/runs.ts'
import type { Store } from './store.ts'
import { createSyncJournal } from './syncs/syncs.ts'

export interface StoreOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string
  /** Connections at once; 10 unless told. */
  readonly poolSize?: number
  /** How the connections are named in pg_stat_activity. */
  readonly applicationName?: string
}

/**
 * The store in a database that `migrate` has prepared. One a process: it holds the process's connections. Nothing is
 * connected before it is asked for something.
 *
 * @example
 * await migrate(url)
 * const store = createStore({ url, applicationName: 'traitline worker' })
 * await store.ping()
 */
export function createStore({ url, poolSize = 10, applicationName = 'traitline' }: StoreOptions): Store {
  const pool = new StorePool({ url, size: poolSize, applicationName })
  const database = openDatabase(pool)
  const partitions = new EventPartitions(pool)
  const listener = new EventListener({ url, applicationName })
  return {
    revisions: createRevisionStore(database, partitions),
    runs: createRunStore(database, partitions),
    assets: createAssetStore(database, partitions),
    alerts: createAlertStore(database),
    checks: createCheckStore(database, partitions),
    partitions: createPartitionStore(database, partitions),
    freshness: createFreshnessStore(database, partitions),
    backfills: createBackfillStore(database),
    events: createEventStore(database, partitions, listener),
    logs: createLogStore(database),
    maintenance: createMaintenanceStore(database),
    syncs: createSyncJournal(database),
    rates: createRateStore(database),
    results: createResultStore(database),
    lineage: createLineageStore(database, partitions),
    openLineage: createOpenLineageReader(database),
    outbox: createOutboxStore(database),
    leases: createLeaseStore(database, partitions),
    automation: createAutomationStore(database, partitions),
    requests: createRunRequests(database, partitions),
    triggers: createTriggerStore(database, partitions),
    async ping() {
      await pool.run({ name: 'traitline_ping', text: 'select 1' }, [])
    },
    async close() {
      await listener.close()
      await pool.end()
    },
  }
}
