import { z } from 'zod'
import {
  syncModes,
  type AssetSpec,
  type AudienceSpec,
  type ConnectorRef,
  type DbtProjectSpec,
  type DestinationSpec,
  type PurposeSpec,
  type EntitySpec,
  type Manifest,
  type ModelSpec,
  type NotebookSpec,
  type ResourceSpec,
  type SourceSpec,
  type StreamSpec,
  type RejectLimit,
  type RejectPolicy,
  type SyncSpec,
  type TraitOrigin,
  type TraitSpec,
  type TraitType,
  type UserModelSpec,
} from '../contract/index.ts'
import { alertSpecSchema } from './alert.ts'
import {
  assetKeySchema,
  columnSpecSchema,
  columnTypeSchema,
  jsonObjectSchema,
  relationSchema,
  sourceLocationSchema,
  sqlTemplateSchema,
} from './basics.ts'
import { checkSpecSchema, freshnessPolicySchema } from './check.ts'
import { poolLimitSchema, retryPolicySchema } from './lease.ts'
import { fieldMappingSchema } from './mapped-value.ts'
import { partitionMappingsSchema, partitionsSpecSchema } from './partitions.ts'
import { automationConditionSchema, sensorSpecSchema, webhookSpecSchema } from './automation.ts'
import { predicateSchema } from './predicate.ts'

const base = {
  key: assetKeySchema,
  description: z.string().nullable(),
  group: z.string().nullable(),
  owners: z.array(z.string()),
  formerly: assetKeySchema.exactOptional(),
  tags: z.record(z.string(), z.string()),
  definedAt: sourceLocationSchema.nullable(),
  deps: z.array(assetKeySchema),
  columns: z.array(columnSpecSchema),
  codeVersion: z.string(),
  checks: z.array(checkSpecSchema).exactOptional(),
  freshness: freshnessPolicySchema.exactOptional(),
  pools: z.array(z.string()).exactOptional(),
  retry: retryPolicySchema.exactOptional(),
  partitions: partitionsSpecSchema.exactOptional(),
  mappings: partitionMappingsSchema.exactOptional(),
  automation: automationConditionSchema.exactOptional(),
}

const sourceSchema = z.object({
  ...base,
  kind: z.literal('source'),
  relation: relationSchema,
  load: z
    .object({
      format: z.literal('csv'),
      paths: z.array(z.string()),
      delimiter: z.string(),
      header: z.boolean(),
      dateFormat: z.string().nullable(),
    })
    .nullable(),
  partitionColumns: z.record(z.string(), z.string()).exactOptional(),
  external: z.boolean().exactOptional(),
}) satisfies z.ZodType<SourceSpec>

const modelSchema = z.object({
  ...base,
  kind: z.literal('model'),
  relation: relationSchema,
  dbtProject: z.string(),
  uniqueId: z.string(),
  materialized: z.string(),
  path: z.string(),
  sql: z.string().exactOptional(),
  partitionColumns: z.record(z.string(), z.string()).exactOptional(),
  tests: z.array(
    z.object({
      name: z.string(),
      uniqueId: z.string(),
      severity: z.enum(['warn', 'error']),
      reads: z.array(assetKeySchema),
    }),
  ),
}) satisfies z.ZodType<ModelSpec>

const notebookSchema = z.object({
  ...base,
  kind: z.literal('notebook'),
  relation: relationSchema,
  path: z.string(),
  entity: z.string(),
  inputs: z.record(z.string(), assetKeySchema),
  parameters: jsonObjectSchema,
  resources: z.record(z.string(), z.string()).exactOptional(),
  kernel: z.string(),
  timeoutSeconds: z.number().positive(),
}) satisfies z.ZodType<NotebookSpec>

export const traitTypeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('boolean') }),
  z.object({
    type: z.literal('continuous'),
    unit: z.string().nullable(),
    min: z.number().nullable(),
    max: z.number().nullable(),
    precision: z.int().min(0).max(15),
    integer: z.boolean(),
  }),
  z.object({ type: z.literal('categorical'), categories: z.array(z.string()) }),
]) satisfies z.ZodType<TraitType>

const traitOriginSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('column'), asset: assetKeySchema, column: z.string() }),
  z.object({ type: z.literal('sql'), sql: sqlTemplateSchema }),
]) satisfies z.ZodType<TraitOrigin>

const traitSchema = z.object({
  ...base,
  kind: z.literal('trait'),
  relation: relationSchema,
  entity: z.string(),
  trait: traitTypeSchema,
  origin: traitOriginSchema,
}) satisfies z.ZodType<TraitSpec>

const userModelSchema = z.object({
  ...base,
  kind: z.literal('user_model'),
  relation: relationSchema,
  entity: z.string(),
  traits: z.array(assetKeySchema),
}) satisfies z.ZodType<UserModelSpec>

const audienceSchema = z.object({
  ...base,
  kind: z.literal('audience'),
  relation: relationSchema,
  entity: z.string(),
  where: predicateSchema,
}) satisfies z.ZodType<AudienceSpec>

export const syncModeSchema = z.enum(syncModes)

const rejectLimitSchema = z.object({
  rows: z.number().nonnegative().exactOptional(),
  share: z.number().min(0).max(1).exactOptional(),
}) satisfies z.ZodType<RejectLimit>

const rejectPolicySchema = z.object({
  failAt: rejectLimitSchema.exactOptional(),
  pauseAt: rejectLimitSchema.exactOptional(),
  retryAfterMinutes: z.number().positive().exactOptional(),
  retryAtMostMinutes: z.number().positive().exactOptional(),
}) satisfies z.ZodType<RejectPolicy>

const syncSchema = z.object({
  ...base,
  kind: z.literal('sync'),
  relation: z.null(),
  entity: z.string(),
  from: assetKeySchema,
  destination: z.string(),
  stream: z.string(),
  mode: syncModeSchema,
  mapping: z.array(fieldMappingSchema),
  pick: z.object({ by: assetKeySchema, order: z.enum(['asc', 'desc']) }).exactOptional(),
  also: z
    .array(z.object({ stream: z.string(), mode: syncModeSchema, mapping: z.array(fieldMappingSchema) }))
    .exactOptional(),
  consent: z.array(assetKeySchema).exactOptional(),
  rejects: rejectPolicySchema.exactOptional(),
  guard: z.object({ share: z.number().min(0).max(1), rows: z.number().nonnegative() }).exactOptional(),
  log: z.boolean().exactOptional(),
}) satisfies z.ZodType<SyncSpec>

export const assetSpecSchema = z.discriminatedUnion('kind', [
  sourceSchema,
  modelSchema,
  notebookSchema,
  traitSchema,
  userModelSchema,
  audienceSchema,
  syncSchema,
]) satisfies z.ZodType<AssetSpec>

export const entitySpecSchema = z.object({
  name: z.string(),
  key: z.object({ column: z.string(), type: z.enum(['text', 'integer']) }),
  population: assetKeySchema.nullable(),
}) satisfies z.ZodType<EntitySpec>

export const connectorRefSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('builtin'), name: z.string().min(1) }),
  z.object({ type: z.literal('command'), command: z.array(z.string()).min(1) }),
  z.object({ type: z.literal('image'), image: z.string().min(1) }),
  z.object({ type: z.literal('npm'), package: z.string().min(1), version: z.string().min(1) }),
  z.object({ type: z.literal('pypi'), package: z.string().min(1), version: z.string().min(1) }),
]) satisfies z.ZodType<ConnectorRef>

export const streamSpecSchema = z.object({
  name: z.string().min(1),
  fields: z.array(z.object({ name: z.string().min(1), type: columnTypeSchema, required: z.boolean() })),
  key: z.array(z.string()),
  open: z.boolean(),
  modes: z.array(syncModeSchema),
}) satisfies z.ZodType<StreamSpec>

const purposeSpecSchema = z.object({
  name: z.string(),
  consent: z.array(assetKeySchema),
}) satisfies z.ZodType<PurposeSpec>

export const destinationSpecSchema = z.object({
  name: z.string(),
  connector: connectorRefSchema,
  config: jsonObjectSchema,
  streams: z.array(streamSpecSchema),
  purposes: z.array(purposeSpecSchema).exactOptional(),
  definedAt: sourceLocationSchema.nullable(),
}) satisfies z.ZodType<DestinationSpec>

export const dbtProjectSpecSchema = z.object({
  name: z.string(),
  path: z.string(),
  schema: z.string(),
  vars: jsonObjectSchema,
}) satisfies z.ZodType<DbtProjectSpec>

const resourceSpecSchema = z.object({
  name: z.string(),
  description: z.string().nullable(),
  fields: z.array(z.string()),
  variables: z.array(z.object({ variable: z.string(), field: z.string(), required: z.boolean() })),
  definedAt: sourceLocationSchema.nullable(),
}) satisfies z.ZodType<ResourceSpec>

/** A compiled project. One of a later format is refused: this Traitline would misread it. */
export const manifestSchema = z.object({
  format: z.literal(1),
  project: z.string(),
  timeZone: z.string(),
  asOf: z.iso.datetime({ offset: true }).nullable(),
  schema: z.string(),
  retention: z
    .object({ eventsDays: z.int().positive().exactOptional(), logsDays: z.int().positive().exactOptional() })
    .exactOptional(),
  pools: z.array(poolLimitSchema).exactOptional(),
  openLineage: z.object({ namespace: z.string().exactOptional(), sql: z.boolean().exactOptional() }).exactOptional(),
  alerts: z.array(alertSpecSchema).exactOptional(),
  entities: z.array(entitySpecSchema),
  dbtProjects: z.array(dbtProjectSpecSchema),
  destinations: z.array(destinationSpecSchema),
  assets: z.array(assetSpecSchema),
  resources: z.array(resourceSpecSchema).exactOptional(),
  sensors: z.array(sensorSpecSchema).exactOptional(),
  webhooks: z.array(webhookSpecSchema).exactOptional(),
}) satisfies z.ZodType<Manifest>
