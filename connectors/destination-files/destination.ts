import { defineDestination, type DestinationCatalog } from '../kit/index.ts'
import { shapesOf } from './columns.ts'
import { configSchema } from './config.ts'
import { formats } from './formats/index.ts'
import { openPlace } from './places/index.ts'
import { FilesWriter } from './writer.ts'

/** Large enough for files that are worth opening, small enough that writing one overlaps with reading the next. */
const recommendedBatchSize = 20_000

const anything = { type: 'object', additionalProperties: true }

/** Any object: a folder is made when its first file is written. */
const operations: DestinationCatalog['operations'] = [
  { object_name: '*', sync_mode: 'append', json_schema: anything, row_operations: ['append', 'insert'] },
  { object_name: '*', sync_mode: 'append_dedup', json_schema: anything, row_operations: ['upsert', 'insert'] },
  { object_name: '*', sync_mode: 'soft_delete', json_schema: anything, row_operations: ['delete'] },
]

/**
 * Writes rows to files, one a batch, which never change: CSV, JSON lines or Parquet, in a folder or a bucket. What is
 * upserted and deleted is written too, as a log of changes.
 */
export const destinationFiles = defineDestination({
  name: 'destination-files',
  spec: configSchema,
  syncModes: ['append', 'append_dedup', 'soft_delete'],

  async check(config, context) {
    const place = await openPlace(config, context)
    try {
      await place.check()
    } finally {
      await place.close()
    }
  },

  discover: () => Promise.resolve({ operations, idempotent: true, recommended_batch_size: recommendedBatchSize }),

  async open(config, catalog, context) {
    const shapes = shapesOf(catalog.streams, config.bookkeeping, formats[config.format].columnar)
    return new FilesWriter(config, await openPlace(config, context), shapes)
  },
})
