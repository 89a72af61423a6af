import { z } from '@hono/zod-openapi'
import { list, timestamp } from './common.ts'

const lease = z.object({
  project: z.string(),
  run: z.string(),
  step: z.string().nullable().openapi({ description: 'Null for the run itself.' }),
  pools: list(z.string()),
  priority: z.number().int(),
  requestedAt: timestamp,
})

export const heldLease = lease.extend({ grantedAt: timestamp }).openapi('HeldLease')

export const waitingLease = lease
  .extend({
    full: list(z.string()).openapi({ description: 'Those of its pools that have no free slot.' }),
    position: z.number().int().openapi({ description: 'From 1, among those that want one of its pools.' }),
  })
  .openapi('WaitingLease')

export const pool = z
  .object({
    pool: z.string(),
    slots: z.number().int().nullable().openapi({ description: 'What holds; null for no limit.' }),
    limits: list(
      z.object({
        project: z.string().nullable().openapi({ description: 'Null where an operator set it.' }),
        slots: z.number().int(),
      }),
    ),
    held: list(heldLease),
    waiting: list(waitingLease),
  })
  .openapi('Pool')

export const poolList = z.object({ items: list(pool) }).openapi('PoolList')

export const poolSlots = z
  .object({ slots: z.number().int().min(0).max(100_000).openapi({ description: '0 lets nobody in.' }) })
  .openapi('PoolSlots')

export type Pool = z.infer<typeof pool>
export type PoolList = z.infer<typeof poolList>
export type PoolSlots = z.infer<typeof poolSlots>
export type WaitingLease = z.infer<typeof waitingLease>
