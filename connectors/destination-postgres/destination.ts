import type pg from 'pg'
import { configError, defineDestination, operationOf, type ConfiguredAirbyteCatalog } from '../kit/index.ts'
import { BatchLog } from './batches.ts'
import { configSchema, type PostgresConfig } from './config.ts'
import { connect, withConnection } from '../kit/postgres/index.ts'
import { discoverTables } from './discover.ts'
import { translate } from '../kit/postgres/index.ts'
import { Stage } from './stage.ts'
import { ensureTable, qualified, wantedOf, type Target } from './table.ts'
import { PostgresWriter } from './writer.ts'

const program = 'destination-postgres'

/** Any number that nobody else locks: only one program changes tables at a time. */
const ddlLock = 7_246_110

/**
 * Writes to tables of a PostgreSQL database, one transaction a batch. Tables are created and widened as streams ask,
 * never dropped.
 */
export const destinationPostgres = defineDestination({
  name: program,
  spec: configSchema,
  syncModes: ['append', 'append_dedup', 'update', 'soft_delete'],

  check: (config) => withConnection(config, program, (client) => checkPrivileges(client, config.schema)),

  discover: (config) => withConnection(config, program, (client) => discoverTables(client, config.schema)),

  async open(config, catalog) {
    const { client, server } = await connect(config, program)
    try {
      const wanted = catalog.streams.map((stream) => wantedOf(stream, config.schema))
      const batches = needsBatchLog(catalog) ? new BatchLog(client, config.schema, wanted.map(qualified)) : null
      const targets = await prepareTables(client, wanted, batches, config)
      const stages = new Map(
        catalog.streams.map((stream, index) => [stream, new Stage(client, targets[index] as Target, index)]),
      )
      return new PostgresWriter({ client, server, stages, batches })
    } catch (error) {
      await client.end().catch(() => undefined)
      throw translate(error, server)
    }
  },
})

function needsBatchLog(catalog: ConfiguredAirbyteCatalog): boolean {
  return catalog.streams.some((stream) => ['append', 'insert'].includes(operationOf(stream)))
}

/** All in one transaction: tables for rows first, so that a deletion finds what the catalog's other streams make. */
async function prepareTables(
  client: pg.Client,
  wanted: readonly ReturnType<typeof wantedOf>[],
  batches: BatchLog | null,
  config: PostgresConfig,
): Promise<Target[]> {
  await client.query('begin')
  await client.query('select pg_advisory_xact_lock($1)', [ddlLock])
  if (batches !== null) await batches.ensure(config.schema)
  const targets = new Map<object, Target>()
  for (const one of wanted) if (one.operation !== 'delete') targets.set(one, await ensureTable(client, one))
  for (const one of wanted) if (one.operation === 'delete') targets.set(one, await ensureTable(client, one))
  await client.query('commit')
  return wanted.map((one) => targets.get(one) as Target)
}

async function checkPrivileges(client: pg.Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ exists: boolean; usable: boolean; creatable: boolean; temporary: boolean }>(
    `select n.oid is not null as exists,
            coalesce(has_schema_privilege(n.oid, 'USAGE') and has_schema_privilege(n.oid, 'CREATE'), false) as usable,
            has_database_privilege(current_database(), 'CREATE') as creatable,
            has_database_privilege(current_database(), 'TEMPORARY') as temporary
     from (select 1) one left join pg_namespace n on n.nspname = $1`,
    [schema],
  )
  const { exists, usable, creatable, temporary } = rows[0] as (typeof rows)[number]
  if (!temporary) throw configError('The user may not make temporary tables: grant TEMPORARY on the database.')
  if (exists && !usable) throw configError(`The user may not write to schema ${schema}: grant USAGE and CREATE on it.`)
  if (!exists && !creatable) {
    throw configError(
      `Schema ${schema} does not exist and the user may not create it: create it, or grant CREATE on the database.`,
    )
  }
}
