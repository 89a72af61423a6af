import { z } from 'zod'
import { stepWorkflows, type PlanPage, type PlannedAsset, type PlanStep, type StaleReason } from '../contract/index.ts'
import { assetKeySchema } from './basics.ts'
import { retryPolicySchema } from './lease.ts'

export const staleReasonSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('never_materialized') }),
  z.object({ type: z.literal('code_changed') }),
  z.object({ type: z.literal('upstream_changed'), upstream: assetKeySchema }),
  z.object({ type: z.literal('upstream_may_change'), upstream: assetKeySchema }),
  z.object({ type: z.literal('last_attempt_failed') }),
  z.object({ type: z.literal('warehouse_changed') }),
  z.object({ type: z.literal('destination_changed') }),
  z.object({ type: z.literal('observe') }),
  z.object({ type: z.literal('forced') }),
]) satisfies z.ZodType<StaleReason>

export const plannedAssetSchema = z.object({
  key: assetKeySchema,
  reasons: z.array(staleReasonSchema),
  deps: z.array(assetKeySchema),
  partition: z.string().exactOptional(),
}) satisfies z.ZodType<PlannedAsset>

export const planStepSchema = z.object({
  id: z.string(),
  workflow: z.enum(Object.values(stepWorkflows)),
  assets: z.array(plannedAssetSchema),
  after: z.array(z.string()),
  quick: z.literal(true).exactOptional(),
  pools: z.array(z.string()).exactOptional(),
  retry: retryPolicySchema.exactOptional(),
}) satisfies z.ZodType<PlanStep>

export const planPageSchema = z.object({
  steps: z.array(planStepSchema),
  fresh: z.int().nonnegative(),
  force: z.boolean(),
  next: z.int().nullable(),
}) satisfies z.ZodType<PlanPage>
