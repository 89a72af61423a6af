import { z } from '@hono/zod-openapi'
import type { AssetSpec, EntitySpec, StaleReason, TraitType } from '../../contract/index.ts'
import { assetKey, assetKind, failure, list, next, timestamp } from './common.ts'
import { materialization } from './materialization.ts'

export const assetStatus = z.enum(['never', 'running', 'materialized', 'failed', 'upstream_failed', 'cancelled'])

export const staleReason = z
  .custom<StaleReason>((value) => typeof value === 'object' && value !== null && 'type' in value)
  .openapi('StaleReason', {
    type: 'object',
    description: 'Why an asset would be materialised.',
    properties: {
      type: {
        type: 'string',
        enum: [
          'never_materialized',
          'code_changed',
          'upstream_changed',
          'upstream_may_change',
          'last_attempt_failed',
          'warehouse_changed',
          'destination_changed',
          'observe',
          'forced',
        ],
      },
      upstream: { type: 'string' },
    },
    required: ['type'],
  })

export const sla = z
  .object({
    status: z.enum(['ok', 'warn', 'late', 'unknown']),
    since: timestamp,
    deadline: timestamp.nullable().openapi({ description: 'By when it has to be materialised next.' }),
    changesAt: timestamp.nullable().openapi({ description: 'When the status changes if nothing happens.' }),
  })
  .openapi('Sla')

const summaryFields = {
  key: assetKey,
  kind: assetKind,
  name: z.string(),
  description: z.string().nullable(),
  group: z.string().nullable(),
  owners: list(z.string()),
  tags: z.record(z.string(), z.string()).readonly(),
  status: assetStatus,
  stale: z.boolean().openapi({ description: 'Materialised, and its definition or an upstream has changed since.' }),
  run: z.string().nullable().openapi({ description: 'The run that changed its status last.' }),
  materializedAt: timestamp.nullable(),
  rows: z.number().int().nullable(),
  failedChecks: list(z.string()).openapi({ description: 'Failed checks that hold up what is downstream.' }),
  freshness: sla.nullable().openapi({ description: 'How it stands to its freshness policy, if it has one.' }),
  failure: failure.nullable(),
}

export const assetSummary = z.object(summaryFields).openapi('AssetSummary')

export const assetPage = z.object({ items: list(assetSummary), total: z.number().int(), next }).openapi('AssetPage')

/** An asset beside another one: enough to name it, colour it, and say its trait's unit. */
export const assetRef = z
  .object({
    key: assetKey,
    kind: assetKind,
    status: assetStatus,
    stale: z.boolean(),
    depth: z.number().int().openapi({ description: 'Edges between the two, on the shortest path.' }),
    trait: z
      .custom<TraitType>()
      .nullable()
      .openapi({
        type: ['object', 'null'],
        description: 'The type, for a trait.',
        properties: { type: { type: 'string' } },
      }),
  })
  .openapi('AssetRef')

export const assetSpec = z.custom<AssetSpec>().openapi('AssetSpec', {
  type: 'object',
  description: 'The definition, as compiled into the revision’s manifest. What follows `kind` depends on it.',
  properties: {
    key: { type: 'string' },
    kind: { type: 'string', enum: assetKind.options },
    deps: { type: 'array', items: { type: 'string' } },
    codeVersion: { type: 'string' },
  },
  required: ['key', 'kind', 'deps', 'codeVersion'],
  additionalProperties: true,
})

export const assetDetail = z
  .object({
    ...summaryFields,
    revision: z.number().int(),
    spec: assetSpec,
    entity: z
      .custom<EntitySpec>()
      .nullable()
      .openapi({
        type: ['object', 'null'],
        description: 'Who it is about.',
        properties: { name: { type: 'string' } },
      }),
    destination: z
      .object({ name: z.string(), connector: z.string(), stream: z.string() })
      .nullable()
      .openapi({ description: 'Where a sync sends to. Its configuration is not shown.' }),
    reasons: list(staleReason).openapi({ description: 'Why it is stale; none if it is fresh.' }),
    upstream: list(assetRef),
    downstream: list(assetRef),
    latest: materialization.nullable(),
  })
  .openapi('AssetDetail')

export type AssetStatus = z.infer<typeof assetStatus>
export type AssetSummary = z.infer<typeof assetSummary>
export type AssetPage = z.infer<typeof assetPage>
export type AssetRef = z.infer<typeof assetRef>
export type AssetDetail = z.infer<typeof assetDetail>
