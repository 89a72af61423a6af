import { z } from '@hono/zod-openapi'
import { syncModes, type FieldDifference } from '../../contract/index.ts'
import { assetKey, list } from './common.ts'

const count = z.number().int()

const fieldDifference = z.custom<FieldDifference>().openapi('FieldDifference', {
  type: 'object',
  description:
    'A field that would be another one. `before` is absent where it is not known, `after` where nothing is sent.',
  properties: { field: { type: 'string' }, before: {}, after: {} },
  required: ['field'],
})

const syncDifference = z
  .object({
    key: z.string(),
    rejected: z.string().nullable().openapi({ description: 'Why the row cannot be sent.' }),
    fields: list(fieldDifference),
  })
  .openapi('SyncDifference')

export const syncDryRun = z
  .object({
    sync: assetKey,
    revision: count,
    mode: z.enum(syncModes),
    counts: z
      .object({
        desired: count,
        added: count,
        changed: count,
        removed: count,
        unchanged: count,
        invalid: count.openapi({ description: 'Without a key, or with one that others have too.' }),
        withheld: count.optional().openapi({ description: 'Left out for want of consent.' }),
      })
      .readonly(),
    mappingChanged: z.boolean(),
    targetChanged: z.boolean(),
    unsettled: count.openapi({ description: 'Runs whose rests are settled first: numbers may then be others.' }),
    stopped: z
      .object({ code: z.string(), message: z.string(), hint: z.string() })
      .readonly()
      .nullable()
      .openapi({ description: 'Why a run would stop before it sends anything.' }),
    changedColumns: z.record(z.string(), count).readonly().openapi({
      description: 'Of the changed rows whose delivered values are known, in how many each column differs.',
    }),
    comparable: count.openapi({ description: 'How many those rows are.' }),
    samples: z
      .object({ added: list(syncDifference), changed: list(syncDifference), removed: list(syncDifference) })
      .readonly(),
    masked: z.boolean().openapi({ description: 'Values and keys are replaced; over HTTP they always are.' }),
  })
  .openapi('SyncDryRun')

export const askDryRun = z
  .object({ samples: z.number().int().min(0).max(100).default(5).openapi({ description: 'Of each kind, at most.' }) })
  .openapi('AskDryRun')
