/** The types of what the API answers, for clients: the page imports these and nothing else from here. */
export type { AlertList } from './schemas/alert.ts'
export type { AssetDetail, AssetPage, AssetRef, AssetStatus, AssetSummary } from './schemas/asset.ts'
export type {
  AutomationDryRun,
  AutomationEvaluation,
  AutomationList,
  AutomationPage,
  RunRequestPage,
  ScheduleList,
  SensorList,
  WebhookList,
} from './schemas/automation.ts'
export type { CheckRun, CheckRunDetail, CheckRunList, StartChecks, StartedChecks } from './schemas/check-run.ts'
export type { Graph } from './schemas/graph.ts'
export type { AssetLineage, ColumnLineage } from './schemas/lineage.ts'
export type {
  CheckList,
  CheckResult,
  ColumnStatistics,
  Materialization,
  MaterializationPage,
  ResendRequested,
  SyncRun,
  SyncRunList,
} from './schemas/materialization.ts'
export type { MessageList } from './schemas/message.ts'
export type { OutboxList, OutboxMessages, OutboxRetried } from './schemas/outbox.ts'
export type { Plan } from './schemas/plan.ts'
export type { Pool, PoolList, PoolSlots, WaitingLease } from './schemas/pool.ts'
export type { Problem } from './schemas/problem.ts'
export type { ResourceList } from './routes/resources.ts'
export type { Report, Reported } from './schemas/report.ts'
export type { AssetChange, ProjectList, Revision, RevisionDetail, RevisionPage } from './schemas/revision.ts'
export type { ApiEvent, LogPage, Run, RunAsset, RunDetail, RunPage, StartedRun, StartRun } from './schemas/run.ts'
export type { SyncSuggestions } from './schemas/sync-mapping.ts'
export type { StartedSyncRun, SyncState } from './schemas/sync-operations.ts'
