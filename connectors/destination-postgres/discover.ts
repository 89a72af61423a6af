import type pg from 'pg'
import type { DestinationCatalog } from '../kit/index.ts'
import { describeTable } from './table.ts'
import { propertyOf } from './types.ts'

const maxTables = 1_000
export const recommendedBatchSize = 5_000

/** The schema's tables, each with what can be done to it: everything but append needs a unique key. */
export async function discoverTables(client: pg.Client, schema: string): Promise<DestinationCatalog> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relkind in ('r', 'p') and c.relname not like '\\_traitline\\_%'
     order by 1 limit ${maxTables}`,
    [schema],
  )
  const operations: DestinationCatalog['operations'][number][] = []
  for (const { name } of rows) operations.push(...(await operationsOf(client, schema, name)))
  return { operations, idempotent: true, recommended_batch_size: recommendedBatchSize }
}

async function operationsOf(
  client: pg.Client,
  schema: string,
  table: string,
): Promise<DestinationCatalog['operations']> {
  const described = await describeTable(client, { schema, table })
  if (described === null) return []
  const json_schema = {
    type: 'object',
    properties: Object.fromEntries(
      described.columns.filter(({ writable }) => writable).map(({ name, type }) => [name, propertyOf(type)]),
    ),
  }
  const base = { object_name: table, json_schema }
  const keyed = { ...base, matching_keys: described.unique.map((columns) => [...columns]) }
  return [
    { ...base, sync_mode: 'append', row_operations: ['append'] },
    ...(described.unique.length === 0
      ? []
      : ([
          { ...keyed, sync_mode: 'append_dedup', row_operations: ['upsert', 'insert'] },
          { ...keyed, sync_mode: 'update', row_operations: ['update'] },
          { ...keyed, sync_mode: 'soft_delete', row_operations: ['delete'] },
        ] as const)),
  ]
}
