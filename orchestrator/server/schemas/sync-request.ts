import { z } from '@hono/zod-openapi'
import { syncRequests } from '../../contract/index.ts'
import { assetKey } from './common.ts'

const request = z.enum(syncRequests).openapi({
  description:
    'resync: send everything, and still take away what left; adopt: take all of it for delivered, and send nothing of' +
    ' it; forget: let go of what left, and leave it at the destination.',
})

export const askSync = z.object({ request }).openapi('AskSync')
export const syncAsked = z.object({ sync: assetKey, request }).openapi('SyncAsked')
export type SyncAsked = z.infer<typeof syncAsked>
