import { z } from '@hono/zod-openapi'
import { assetKinds, isAssetKey, type AssetKey, type JsonValue } from '../../contract/index.ts'

/** Arrays as the contract has them: read-only. */
export const list = <T extends z.ZodType>(item: T) => z.array(item).readonly()

export const timestamp = z.string().openapi({ format: 'date-time', description: 'ISO 8601, UTC.' })

export const assetKey = z
  .custom<AssetKey>((value) => typeof value === 'string' && isAssetKey(value))
  .openapi({
    type: 'string',
    pattern: `^(${assetKinds.join('|')})(/[a-z][a-z0-9_]{0,62})+$`,
    examples: ['trait/lifetime_value'],
    description: 'An asset’s key: its kind, then its name.',
  })

export const assetKind = z.enum(assetKinds)

export const failure = z
  .object({
    code: z.string().openapi({ description: 'Stable: what scripts match on.', examples: ['NOTEBOOK_FAILED'] }),
    message: z.string(),
    hint: z.string().openapi({ description: 'What to do about it.' }),
    blame: z.enum(['user', 'config', 'connector', 'system']),
  })
  .openapi('Failure')

/** Which project a request is about; the only one there is if neither is named. */
export const scopeQuery = z.object({
  project: z.string().optional().openapi({ description: 'Project; may be left out where there is only one.' }),
  environment: z.string().optional().openapi({ description: 'Environment; may be left out where there is only one.' }),
})

export const pageLimit = (fallback: number, most: number) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .max(most)
    .default(fallback)
    .openapi({ type: 'integer', description: `How many to answer, at most ${most}.` })

/** A run's id, as a path has it. */
export const runId = z.string().regex(/^[\w.-]{1,100}$/)

/** An opaque cursor: `next` of the page before. */
export const cursor = z.string().max(200).optional().openapi({ description: '`next` of the page before.' })

export const next = z
  .string()
  .nullable()
  .openapi({ description: 'Cursor of the page after this one; null at the end.' })

/** Any JSON: a recursive schema would have no end in the document. */
export const jsonValue = z.custom<JsonValue>().openapi({
  type: ['string', 'number', 'boolean', 'object', 'array', 'null'],
  description: 'Any JSON; null where there is none.',
})

export const partitionsAsked = z
  .string()
  .nullable()
  .openapi({ description: 'Of which partitions, as it was written; null if nothing was said.' })
