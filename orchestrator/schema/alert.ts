import { z } from 'zod'
import { alertCauses, type AlertSpec, type AlertTarget } from '../contract/index.ts'
import { assetKeySchema } from './basics.ts'

const envRef = z.object({ $env: z.string().min(1), default: z.string().exactOptional() })

const alertTargetSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('slack'), url: envRef }),
  z.object({ type: z.literal('webhook'), url: envRef, secret: envRef.nullable() }),
  z.object({ type: z.literal('email'), smtp: envRef, from: z.string().min(1), to: z.array(z.string()).min(1) }),
]) satisfies z.ZodType<AlertTarget>

export const alertSpecSchema = z.object({
  name: z.string().min(1),
  on: z.array(z.enum(alertCauses)),
  assets: z.array(assetKeySchema).nullable(),
  to: z.array(alertTargetSchema),
  throttleMinutes: z.number().positive().nullable(),
  recovered: z.boolean(),
  groupMinutes: z.number().nonnegative().exactOptional(),
  rejectedOver: z
    .object({ rows: z.number().nonnegative().exactOptional(), share: z.number().min(0).max(1).exactOptional() })
    .exactOptional(),
}) satisfies z.ZodType<AlertSpec>
