import { z } from '@hono/zod-openapi'
import type { FieldMapping, JsonValue } from '../../contract/index.ts'
import { assetKey, list } from './common.ts'

const fieldMapping = z.custom<FieldMapping>().openapi('FieldMapping', {
  type: 'object',
  description: 'A field and what fills it, as a manifest has it: `{ field, value: { type: "trait", trait } }`.',
  properties: { field: { type: 'string' }, value: { type: 'object' }, ignoreNull: { type: 'boolean' } },
  required: ['field', 'value'],
})

export const askPreview = z
  .object({
    rows: z.number().int().min(1).max(100).default(5).openapi({ description: 'At most.' }),
    mapping: z
      .array(fieldMapping)
      .optional()
      .openapi({ description: 'What to render the rows with, instead of the deployed mapping.' }),
  })
  .openapi('AskPreview')

const payload = z.custom<Readonly<Record<string, JsonValue>>>().openapi({ type: 'object' })

export const syncPreview = z
  .object({
    sync: assetKey,
    revision: z.number().int(),
    stream: z.string(),
    rows: list(
      z
        .object({
          key: z.string(),
          data: payload.nullable().openapi({ description: 'The payload; null of a row that cannot be sent.' }),
          rejected: z.object({ code: z.string(), message: z.string() }).readonly().nullable(),
          notes: list(z.object({ field: z.string(), code: z.string() })),
        })
        .openapi('PreviewRow'),
    ),
    masked: z.boolean().openapi({ description: 'Values and keys are replaced; over HTTP they always are.' }),
  })
  .openapi('SyncPreview')

export const syncSuggestions = z
  .object({
    sync: assetKey,
    stream: z.string(),
    items: list(
      z
        .object({
          field: z.string(),
          value: z.custom<FieldMapping['value']>().openapi({ type: 'object', description: 'What may fill it.' }),
          name: z.string().openapi({ description: 'What the source calls that.' }),
          score: z.number().openapi({ description: 'From 0 to 1, best first within a field.' }),
          reasons: list(z.string()).openapi({
            description: 'same_name, same_words, same_meaning, shared_words, key ...',
          }),
          mapped: z.boolean().openapi({ description: 'Whether the field is mapped already.' }),
        })
        .openapi('MappingSuggestion'),
    ),
  })
  .openapi('SyncSuggestions')

export type SyncSuggestions = z.infer<typeof syncSuggestions>
