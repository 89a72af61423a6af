import { z } from 'zod'
import {
  adIdentifiers,
  type AdIdentifierKind,
  type AdPlatform,
  type FieldMapping,
  type MappedReference,
  type MappedValue,
} from '../contract/index.ts'
import { assetKeySchema, columnTypeSchema, jsonValueSchema } from './basics.ts'

const keySchema = z.object({ type: z.literal('key') })
const traitSchema = z.object({ type: z.literal('trait'), trait: assetKeySchema })
const columnSchema = z.object({
  type: z.literal('column'),
  asset: assetKeySchema,
  column: z.string(),
  of: columnTypeSchema,
})

const referenceSchema = z.discriminatedUnion('type', [
  keySchema,
  traitSchema,
  columnSchema,
]) satisfies z.ZodType<MappedReference>

const platforms = Object.keys(adIdentifiers) as AdPlatform[]
const kinds = [...new Set(Object.values(adIdentifiers).flatMap((of) => Object.keys(of)))] as AdIdentifierKind[]

const mappedValueSchema: z.ZodType<MappedValue> = z.lazy(() =>
  z.discriminatedUnion('type', [
    keySchema,
    traitSchema,
    columnSchema,
    z.object({ type: z.literal('constant'), value: jsonValueSchema }),
    z.object({
      type: z.literal('template'),
      template: z.string(),
      variables: z.record(z.string(), referenceSchema),
    }),
    z.object({ type: z.literal('cast'), value: mappedValueSchema, to: columnTypeSchema }),
    z.object({
      type: z.literal('identifier'),
      value: mappedValueSchema,
      as: z.enum(kinds),
      for: z.enum(platforms),
      country: mappedValueSchema.exactOptional(),
      invalid: z.enum(['reject', 'null']),
    }),
    z.object({ type: z.literal('coalesce'), values: z.array(mappedValueSchema) }),
    z.object({
      type: z.literal('choice'),
      value: mappedValueSchema,
      cases: z.record(z.string(), mappedValueSchema),
      otherwise: mappedValueSchema,
    }),
    z.object({ type: z.literal('object'), fields: z.record(z.string(), mappedValueSchema) }),
    z.object({ type: z.literal('list'), items: z.array(mappedValueSchema) }),
    z.object({ type: z.literal('bookkeeping'), what: z.enum(['synced_at', 'run', 'sync']) }),
  ]),
)

export const fieldMappingSchema = z.object({
  field: z.string(),
  value: mappedValueSchema,
  ignoreNull: z.boolean().exactOptional(),
}) satisfies z.ZodType<FieldMapping>
