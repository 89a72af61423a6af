import { configError, defineDestination, type DestinationCatalog } from '../kit/index.ts'
import { connect, translate, withConnection } from '../kit/postgres/index.ts'
import { configSchema } from './config.ts'
import { idsField } from './rows.ts'
import { ensureStore, storeNames } from './schema.ts'
import { targetOf } from './target.ts'
import { ProfilesWriter } from './writer.ts'

const program = 'destination-profiles'
const recommendedBatchSize = 10_000

const id = { type: 'string', description: 'The profile’s own id.' }
const json_schema = {
  type: 'object',
  properties: { id, [idsField]: { type: ['null', 'object'], description: 'Other ids of the user, by type.' } },
  additionalProperties: true,
}
const matching_keys = [['id']]

/** Any collection and part: they are made when they are first written to. */
const operations: DestinationCatalog['operations'] = [
  { object_name: '*', sync_mode: 'append_dedup', json_schema, matching_keys, row_operations: ['upsert', 'add'] },
  { object_name: '*', sync_mode: 'soft_delete', json_schema, matching_keys, row_operations: ['delete', 'remove'] },
]

/**
 * Traitline's own store of profiles, in PostgreSQL: of each user one row, put together from the parts that syncs write,
 * to be looked up by any id.
 */
export const destinationProfiles = defineDestination({
  name: program,
  spec: configSchema,
  syncModes: ['append_dedup', 'soft_delete'],

  check: (config) =>
    withConnection(config, program, async (client) => {
      const { rows } = await client.query<{ usable: boolean | null; creatable: boolean; temporary: boolean }>(
        `select has_schema_privilege(n.oid, 'USAGE') and has_schema_privilege(n.oid, 'CREATE') as usable,
                has_database_privilege(current_database(), 'CREATE') as creatable,
                has_database_privilege(current_database(), 'TEMPORARY') as temporary
         from (select 1) one left join pg_namespace n on n.nspname = $1`,
        [config.schema],
      )
      const { usable, creatable, temporary } = rows[0] as (typeof rows)[number]
      if (!temporary) throw configError('The user may not make temporary tables: grant TEMPORARY on the database.')
      if (usable === false || (usable === null && !creatable)) {
        throw configError(
          `The user may not make tables in schema ${config.schema}: grant CREATE on the database, or USAGE and CREATE on the schema.`,
        )
      }
    }),

  discover: () => Promise.resolve({ operations, idempotent: true, recommended_batch_size: recommendedBatchSize }),

  async open(config, catalog) {
    const targets = new Map(catalog.streams.map((stream) => [stream, targetOf(stream)]))
    const names = storeNames(config.schema)
    const { client, server } = await connect(config, program)
    try {
      const collections = [...targets.values()].map(({ collection }) => collection)
      await ensureStore(client, names, collections, config.id_type)
      return new ProfilesWriter({ client, server, names, targets })
    } catch (error) {
      await client.end().catch(() => undefined)
      throw translate(error, server)
    }
  },
})
