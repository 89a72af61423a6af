import { z } from '@hono/zod-openapi'
import { exceptionFates } from '../../contract/index.ts'
import { assetKey, list, timestamp } from './common.ts'
import { syncRun } from './materialization.ts'

const count = z.number().int()

export const pauseSync = z
  .object({ reason: z.string().max(200).optional().openapi({ description: 'For people; it is shown in plans.' }) })
  .openapi('PauseSync')

const pause = z
  .object({
    sync: assetKey,
    since: timestamp,
    by: z.enum(['user', 'rejects']).openapi({ description: '`rejects`: too many rows were rejected.' }),
    reason: z.string().nullable(),
  })
  .openapi('SyncPause')

export const syncState = z
  .object({ sync: assetKey, paused: pause.nullable(), last: syncRun.nullable() })
  .openapi('SyncState')

export const startSyncRun = z
  .object({
    limit: count.positive().optional().openapi({ description: 'No more rows than that; the others stay to be sent.' }),
    failed: z.boolean().optional().openapi({ description: 'Only rejected rows, whether or not their time has come.' }),
    code: z
      .string()
      .optional()
      .openapi({ description: 'With `failed`: only those that were rejected with this code.' }),
    row: z
      .string()
      .min(1)
      .optional()
      .openapi({ description: 'Only the row with this key. It is sealed for the worker, and kept nowhere else.' }),
    allowRemovals: z.boolean().optional().openapi({ description: 'Removals beyond the guard are right this once.' }),
  })
  .openapi('StartSyncRun')

export const startedSyncRun = z.object({ run: z.string(), sync: assetKey }).openapi('StartedSyncRun')

export const rejectsQuery = z.object({
  fate: z.enum(exceptionFates).optional(),
  code: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  offset: z.coerce.number().int().min(0).default(0),
})

export const syncRejects = z
  .object({
    sync: assetKey,
    revision: count,
    counts: list(z.object({ fate: z.enum(exceptionFates), code: z.string(), rows: count })),
    rows: list(
      z.object({
        key: z.string(),
        fate: z.enum(exceptionFates),
        code: z.string(),
        message: z.string(),
        operation: z.string(),
        syncRun: z.string(),
        attempts: count,
        firstAt: timestamp,
        lastAt: timestamp,
        nextAttemptAt: timestamp.nullable(),
      }),
    ),
    masked: z.boolean(),
  })
  .openapi('SyncRejects')

export type StartedSyncRun = z.infer<typeof startedSyncRun>
export type SyncState = z.infer<typeof syncState>
