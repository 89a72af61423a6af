import { z } from 'zod'
import type { PoolLimit, RetryPolicy } from '../contract/index.ts'

export const poolLimitSchema = z.object({
  pool: z.string().min(1).max(300),
  slots: z.int().min(0),
}) satisfies z.ZodType<PoolLimit>

export const retryPolicySchema = z.object({
  attempts: z.int().min(1).max(1_000),
  delaySeconds: z.number().min(0).max(86_400),
  backoff: z.number().min(1).max(100),
  jitter: z.number().min(0).max(1),
  on: z.enum(['system', 'any']),
}) satisfies z.ZodType<RetryPolicy>
