export { airbyte, type AirbyteDestination } from './airbyte.ts'
export { purpose, type Purpose } from './purpose.ts'
export { alert, email, slackWebhook, webhook, type Alert, type AlertOptions } from './alert.ts'
export { audience, type Audience } from './audience.ts'
export { braze, type BrazeDestination } from './braze.ts'
export { check, type Check, type CheckAnswer, type CheckContext, type CheckFunction } from './asset-check.ts'
export { automation, type Automation, type CronOptions, type Duration } from './automation.ts'
export type { ColumnRef, OpenColumn, Table } from './column.ts'
export { all, any, not, type Condition } from './condition.ts'
export { command, image, npm, pypi } from './connector.ts'
export { csv, type CsvOptions } from './csv.ts'
export { dbt, type Dbt, type Model, type OpenModel } from './dbt.ts'
export type { AssetOptions, Definition, RetryOptions } from './definition.ts'
export type { Destination, Stream } from './destination.ts'
export { entity, type Entity, type EntityKey } from './entity.ts'
export { env } from './env.ts'
export { files, type FilesDestination } from './files.ts'
export { freshBy, freshWithin, type Freshness } from './freshness.ts'
export { metaAds, type MetaAds, type MetaAudience } from './meta-ads.ts'
export type { MapValue } from './map-value.ts'
export type { PoolOptions, RunQueueOptions, TagLimit } from './limits.ts'
export { mixpanel, type MixpanelDestination } from './mixpanel.ts'
export { salesforce, type SalesforceDestination, type SalesforceObjectInput } from './salesforce.ts'
export { notebook, type Notebook } from './notebook.ts'
export { outgoingWebhook, type OutgoingWebhook } from './outgoing-webhook.ts'
export { perEnvironment, type ByEnvironment, type PerEnvironment } from './per-environment.ts'
export {
  allPartitions,
  daily,
  dynamicPartitions,
  hourly,
  lastPartitions,
  latestPartition,
  mapPartitions,
  monthly,
  multi,
  partition,
  staticPartitions,
  weekly,
  type PartitionRead,
  type Partitions,
  type TimePartitionsOptions,
} from './partitions.ts'
export { postgres, type PostgresDestination } from './postgres.ts'
export { profiles, type ProfilesDestination } from './profiles.ts'
export { project, type Project } from './project.ts'
export { rudderstack, type RudderstackDestination } from './rudderstack.ts'
export { segment, type SegmentDestination } from './segment.ts'
export { sensor, type Sensor, type SensorAnswer, type SensorContext } from './sensor.ts'
export {
  resource,
  secret,
  type Resource,
  type ResourceInput,
  type ResourceIssue,
  type ResourceSchema,
  type UseResource,
} from './resource.ts'
export { slack, type SlackChannel, type SlackDestination } from './slack.ts'
export { snowplow, type SnowplowDestination } from './snowplow-collector.ts'
export { snowplowEvents } from './snowplow.ts'
export { source, type Source } from './source.ts'
export { sql, type Sql } from './sql.ts'
export { alsoTo, sync, type AlsoStream, type Sync } from './sync.ts'
export type { CaseRow, SyncCase } from './sync-case.ts'
export type { SyncGuardOptions, SyncRejectLimit, SyncRejectOptions } from './sync-operations.ts'
export { trait, type BooleanTrait, type CategoricalTrait, type ContinuousTrait, type Trait } from './trait.ts'
export { userModel, type UserModel } from './user-model.ts'
export {
  cast,
  choose,
  coalesce,
  constant,
  hashed,
  normalized,
  runId,
  syncedAt,
  syncName,
  template,
  type AdIdentifier,
  type AdIdentifierOptions,
  type Bookkeeping,
  type Cast,
  type Choice,
  type Coalesce,
  type Constant,
  type Nested,
  type Template,
  type ValueOrLiteral,
} from './values/index.ts'
export { webhookTrigger, type WebhookContext, type WebhookTrigger } from './webhook-trigger.ts'
/** The zod that Traitline brings, for the schemas of resources. */
export { z } from 'zod'
