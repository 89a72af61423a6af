import { z } from 'zod'
import type { JsonData } from '../protocol/index.ts'
import { route, startVendor, type VendorStandIn } from '../../test/stand-ins/vendor.ts'

export interface SpecLimits {
  readonly messages: number
  readonly bytes: number
  readonly messageBytes: number
}

export interface SpecStandIn extends VendorStandIn {
  /** By their message id: one that came before is dropped, as the receivers do. */
  readonly messages: Map<string, JsonData>
  /** How many messages were dropped for that. */
  readonly dropped: () => number
}

export const writeKey = 'wk-not-to-be-seen'

const nested = z.record(z.string(), z.unknown())
const who = z.object({ userId: z.string().min(1).optional(), anonymousId: z.string().min(1).optional() })
const common = {
  ...who.shape,
  messageId: z.string().min(1).max(99),
  context: nested.optional(),
  integrations: nested.optional(),
  timestamp: z.iso.datetime().optional(),
}
const message = z
  .discriminatedUnion('type', [
    z.strictObject({ ...common, type: z.literal('identify'), traits: nested }),
    z.strictObject({ ...common, type: z.literal('track'), event: z.string().min(1), properties: nested }),
    z.strictObject({ ...common, type: z.literal('group'), groupId: z.string().min(1), traits: nested }),
  ])
  .refine((one) => one.userId !== undefined || one.anonymousId !== undefined, 'neither userId nor anonymousId')

/**
 * A receiver of Segment's specification, by what Segment and RudderStack document: Basic authentication with the write
 * key as user, limits of a request and of a message, and a request that is taken or refused as a whole. A message with a
 * trait or property `poison` is one that it refuses a request for, without naming it.
 */
export async function startSpecStandIn(limits: SpecLimits): Promise<SpecStandIn> {
  const messages = new Map<string, JsonData>()
  let dropped = 0
  const vendor = await startVendor([
    route({
      method: 'POST',
      path: '/v1/batch',
      body: z.strictObject({ batch: z.array(message).max(limits.messages) }),
      check: ({ text, headers }) => {
        const { batch } = JSON.parse(text) as { readonly batch: readonly unknown[] }
        const large = batch.filter((one) => Buffer.byteLength(JSON.stringify(one)) > limits.messageBytes)
        return [
          ...(headers['content-type'] === 'application/json' ? [] : ['the content type is not application/json']),
          ...(headers.authorization === `Basic ${btoa(`${writeKey}:`)}` ? [] : ['the write key is not the user']),
          ...(Buffer.byteLength(text) > limits.bytes ? [`more than ${limits.bytes} bytes`] : []),
          ...large.map(() => `a message of more than ${limits.messageBytes} bytes`),
        ]
      },
      answer: (_, { batch }) => {
        const poison = batch.some((one) => Object.hasOwn('traits' in one ? one.traits : one.properties, 'poison'))
        if (poison) return { status: 400, body: { success: false } }
        for (const one of batch) {
          if (messages.has(one.messageId)) dropped += 1
          else messages.set(one.messageId, one)
        }
        return { body: { success: true } }
      },
    }),
  ])
  return { ...vendor, messages, dropped: () => dropped }
}
