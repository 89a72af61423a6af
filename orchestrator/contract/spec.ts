import type { AlertSpec } from './alert.ts'
import type { AssetKey } from './asset-key.ts'
import type { CheckSpec } from './check.ts'
import type { AutomationCondition } from './automation.ts'
import type { ColumnSpec, ColumnType, Relation } from './column.ts'
import type { FreshnessPolicy } from './freshness.ts'
import type { JsonObject } from './json.ts'
import type { OpenLineageSettings } from './lineage.ts'
import type { PoolLimit } from './lease.ts'
import type { FieldMapping } from './mapped-value.ts'
import type { PartitionMappings, PartitionsSpec } from './partitions.ts'
import type { Predicate } from './predicate.ts'
import type { ResourceSpec } from './resource.ts'
import type { Retention } from './retention.ts'
import type { RetryPolicy } from './retry.ts'
import type { SqlTemplate } from './sql-template.ts'
import type { RejectPolicy, RemovalGuard } from './sync-operations.ts'
import type { SensorSpec, WebhookSpec } from './trigger.ts'

/** Where a definition stands in the user's project, the path relative to its root. */
export interface SourceLocation {
  readonly file: string
  readonly line: number
}

/** What every asset has, whatever its kind. */
interface AssetSpecBase {
  readonly key: AssetKey
  readonly description: string | null
  readonly group: string | null
  readonly owners: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  readonly definedAt: SourceLocation | null
  /** The assets that this one reads, each once. */
  readonly deps: readonly AssetKey[]
  /** Where its rows are in the warehouse; null for a sync, whose rows are elsewhere. */
  readonly relation: Relation | null
  /** Columns known before anything ran. A model's are those that its YAML documents or the project declares. */
  readonly columns: readonly ColumnSpec[]
  /** Hash of all that decides the asset's content: not of its description, owners, tags, checks or place. */
  readonly codeVersion: string
  /** Evaluated whenever it has been materialised. A model's dbt tests are in `tests`. */
  readonly checks?: readonly CheckSpec[]
  readonly freshness?: FreshnessPolicy
  /** Pools of which its step needs a slot. */
  readonly pools?: readonly string[]
  readonly retry?: RetryPolicy
  /** How it is cut into partitions; absent for one that is made as a whole. */
  readonly partitions?: PartitionsSpec
  /** For each dep that has partitions, which of them it reads. */
  readonly mappings?: PartitionMappings
  /** What it was called before: its history goes on under the new key. */
  readonly formerly?: AssetKey
  /** When it is materialised by itself; without it, only when someone asks. */
  readonly automation?: AutomationCondition
}

/** Observed tables. With `load`, Traitline fills the table from files first. */
export interface SourceSpec extends AssetSpecBase {
  readonly kind: 'source'
  readonly relation: Relation
  readonly load: SourceLoad | null
  /** Where it has partitions: the column of each dimension, by its name. A time dimension's holds times in UTC. */
  readonly partitionColumns?: Readonly<Record<string, string>>
  /** Others fill it and report each time that they did: it is neither looked at nor part of any run. */
  readonly external?: boolean
}

/**
 * Files to load, relative to the project's root or under TRAITLINE_HOME with the prefix `home:`.
 * `columns` of the source are matched to the header by name; without a header by position.
 */
export interface SourceLoad {
  readonly format: 'csv'
  readonly paths: readonly string[]
  readonly delimiter: string
  readonly header: boolean
  /** How timestamps and dates are written, in strptime's letters; null for ISO 8601. */
  readonly dateFormat: string | null
}

export interface DbtTestSpec {
  readonly name: string
  readonly uniqueId: string
  readonly severity: 'warn' | 'error'
  /** The models that it reads: it runs once all of them have been built. */
  readonly reads: readonly AssetKey[]
}

export interface ModelSpec extends AssetSpecBase {
  readonly kind: 'model'
  readonly relation: Relation
  readonly dbtProject: string
  readonly uniqueId: string
  readonly materialized: string
  readonly path: string
  /** Its text as it is written, cut where it is very long: for people to compare. */
  readonly sql?: string
  /** Where it has partitions and said so: the column of each dimension, as of a source. */
  readonly partitionColumns?: Readonly<Record<string, string>>
  readonly tests: readonly DbtTestSpec[]
}

export interface NotebookSpec extends AssetSpecBase {
  readonly kind: 'notebook'
  readonly relation: Relation
  readonly path: string
  readonly entity: string
  /** Tables that the notebook may ask for by name. */
  readonly inputs: Readonly<Record<string, AssetKey>>
  readonly parameters: JsonObject
  /** Names of resources, by the name that it uses. */
  readonly resources?: Readonly<Record<string, string>>
  readonly kernel: string
  readonly timeoutSeconds: number
}

export type TraitType =
  | { readonly type: 'boolean' }
  | {
      readonly type: 'continuous'
      readonly unit: string | null
      readonly min: number | null
      readonly max: number | null
      /** Decimal digits that matter: values are rounded to them in fingerprints. */
      readonly precision: number
      readonly integer: boolean
    }
  | { readonly type: 'categorical'; readonly categories: readonly string[] }

/** Where a trait's values come from. */
export type TraitOrigin =
  | { readonly type: 'column'; readonly asset: AssetKey; readonly column: string }
  /** Selects the entity's key and a column named `value`. */
  | { readonly type: 'sql'; readonly sql: SqlTemplate }

/** Its table has two columns: the entity's key, and the value under the trait's name. One row a user at most. */
export interface TraitSpec extends AssetSpecBase {
  readonly kind: 'trait'
  readonly relation: Relation
  readonly entity: string
  readonly trait: TraitType
  readonly origin: TraitOrigin
}

/** Its table has the entity's key and one column a trait. */
export interface UserModelSpec extends AssetSpecBase {
  readonly kind: 'user_model'
  readonly relation: Relation
  readonly entity: string
  readonly traits: readonly AssetKey[]
}

/** Its table has the entity's key alone: one row a member. */
export interface AudienceSpec extends AssetSpecBase {
  readonly kind: 'audience'
  readonly relation: Relation
  readonly entity: string
  readonly where: Predicate
}

/** docs/concepts/sync-modes.md says what each does with a row that is new, changed, gone or came back. */
export const syncModes = [
  'upsert',
  'update',
  'insert',
  'mirror',
  'append',
  'add',
  'remove',
  'members',
  'delete',
] as const
export type SyncMode = (typeof syncModes)[number]

/** One more stream that a sync's rows go to. */
export interface SyncStreamSpec {
  readonly stream: string
  readonly mode: SyncMode
  readonly mapping: readonly FieldMapping[]
}

export interface SyncSpec extends AssetSpecBase {
  readonly kind: 'sync'
  readonly relation: null
  readonly entity: string
  /** The audience or user model whose members are sent. */
  readonly from: AssetKey
  readonly destination: string
  readonly stream: string
  readonly mode: SyncMode
  readonly mapping: readonly FieldMapping[]
  /** Of several rows with one key, the one that is sent; without it none of them is. */
  readonly pick?: { readonly by: AssetKey; readonly order: 'asc' | 'desc' }
  /** Other streams of the destination that each row is sent to as well. A row is delivered once all have it. */
  readonly also?: readonly SyncStreamSpec[]
  /** Boolean traits that have to be true for a row to be sent: the consent that the destination's purposes need. */
  readonly consent?: readonly AssetKey[]
  readonly rejects?: RejectPolicy
  /** Absent for the usual ones. */
  readonly guard?: RemovalGuard
  /** Keep in the warehouse what became of each row. */
  readonly log?: boolean
}

export type AssetSpec = SourceSpec | ModelSpec | NotebookSpec | TraitSpec | UserModelSpec | AudienceSpec | SyncSpec

export interface EntitySpec {
  readonly name: string
  readonly key: { readonly column: string; readonly type: 'text' | 'integer' }
  /** The table that lists everyone; without it, everyone is whoever has one of the traits that are read. */
  readonly population: AssetKey | null
}

/** `$env` names an environment variable that is read where the connector starts: no manifest or history holds a secret. */
export interface EnvRef {
  readonly $env: string
  readonly default?: string
}

/** How a destination's program is started. */
export type ConnectorRef =
  | { readonly type: 'builtin'; readonly name: string }
  | { readonly type: 'command'; readonly command: readonly string[] }
  | { readonly type: 'image'; readonly image: string }
  | { readonly type: 'npm'; readonly package: string; readonly version: string }
  | { readonly type: 'pypi'; readonly package: string; readonly version: string }

export interface StreamFieldSpec {
  readonly name: string
  readonly type: ColumnType
  readonly required: boolean
}

/** One object of a destination that rows can be written to. */
export interface StreamSpec {
  readonly name: string
  readonly fields: readonly StreamFieldSpec[]
  /** The fields that identify a row at the destination. */
  readonly key: readonly string[]
  /** Whether fields beyond `fields` are taken. */
  readonly open: boolean
  readonly modes: readonly SyncMode[]
}

/** What a destination uses people's data for; `consent` are the traits that say who agrees, one for each entity. */
export interface PurposeSpec {
  readonly name: string
  readonly consent: readonly AssetKey[]
}

export interface DestinationSpec {
  readonly name: string
  readonly connector: ConnectorRef
  /** The connector's configuration as its `spec` asks, with EnvRefs where secrets go. */
  readonly config: JsonObject
  readonly streams: readonly StreamSpec[]
  readonly purposes?: readonly PurposeSpec[]
  readonly definedAt: SourceLocation | null
}

export interface DbtProjectSpec {
  readonly name: string
  /** Its folder, relative to the project's root. */
  readonly path: string
  readonly schema: string
  readonly vars: JsonObject
}

/**
 * A compiled project: plain data, stored as a revision. `format` rises when old readers would misread it.
 */
export interface Manifest {
  readonly format: 1
  readonly project: string
  readonly timeZone: string
  /** "Now" for a project on historical data, ISO 8601; null for the clock. */
  readonly asOf: string | null
  /** The warehouse's schema for Traitline's own tables. */
  readonly schema: string
  /** The limits that the project sets, its destinations' and its runs' among them; an operator's go before. */
  readonly pools?: readonly PoolLimit[]
  readonly openLineage?: OpenLineageSettings
  readonly alerts?: readonly AlertSpec[]
  readonly entities: readonly EntitySpec[]
  readonly dbtProjects: readonly DbtProjectSpec[]
  readonly destinations: readonly DestinationSpec[]
  /** What the project says of it; the rest is as usual. */
  readonly retention?: Partial<Retention>
  /** In topological order. */
  readonly assets: readonly AssetSpec[]
  readonly resources?: readonly ResourceSpec[]
  readonly sensors?: readonly SensorSpec[]
  readonly webhooks?: readonly WebhookSpec[]
}
