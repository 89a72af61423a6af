import { z } from 'zod'
import {
  assetKinds,
  columnTypes,
  type AssetKey,
  type ColumnSpec,
  type Failure,
  type JsonObject,
  type JsonValue,
  type Relation,
  type Scope,
  type SourceLocation,
  type SqlTemplate,
} from '../contract/index.ts'

export const assetKindSchema = z.enum(assetKinds)

/** `trait/lifetime_value`, `model/shop/customers`. */
export const assetKeySchema = z.templateLiteral([
  assetKindSchema,
  '/',
  z.string().regex(/^[a-z][a-z0-9_]{0,62}(?:\/[a-z][a-z0-9_]{0,62})*$/),
]) satisfies z.ZodType<AssetKey>

export const jsonValueSchema: z.ZodType<JsonValue> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(jsonValueSchema), jsonObjectSchema]),
)

export const jsonObjectSchema: z.ZodType<JsonObject> = z.lazy(() => z.record(z.string(), jsonValueSchema))

export const columnTypeSchema = z.enum(columnTypes)

export const columnSpecSchema = z.object({
  name: z.string(),
  type: columnTypeSchema,
  description: z.string().optional(),
  pii: z.boolean().optional(),
}) satisfies z.ZodType<ColumnSpec>

export const relationSchema = z.object({
  schema: z.string().min(1),
  name: z.string().min(1),
}) satisfies z.ZodType<Relation>

export const sourceLocationSchema = z.object({
  file: z.string(),
  line: z.int().positive(),
}) satisfies z.ZodType<SourceLocation>

export const sqlTemplateSchema = z
  .object({
    strings: z.array(z.string()).min(1),
    refs: z.array(assetKeySchema),
    values: z
      .array(
        z.object({
          value: z.enum(['key', 'start', 'end']),
          dimension: z.string().nullable(),
          string: z.int().nonnegative(),
          offset: z.int().nonnegative(),
        }),
      )
      .exactOptional(),
  })
  .refine(({ strings, refs }) => strings.length === refs.length + 1, {
    error: 'a template has one piece of text more than references',
  }) satisfies z.ZodType<SqlTemplate>

export const scopeSchema = z.object({ environment: z.string(), project: z.string() }) satisfies z.ZodType<Scope>

export const blameSchema = z.enum(['user', 'config', 'connector', 'system'])

export const failureSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  blame: blameSchema,
}) satisfies z.ZodType<Failure>
