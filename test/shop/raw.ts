import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { Client } from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { eventColumns } from '../../orchestrator/generator/index.ts'

/** The raw tables of the shop's dbt project in a warehouse, and its models out of it, by plain clients. */
export interface ShopWarehouse {
  readonly target: Readonly<Record<string, string | number>>
  load(files: { readonly purchases: string; readonly events: string }): Promise<void>
  /** Writes each model as CSV into the folder. */
  export(models: readonly string[], folder: string): Promise<void>
}

const types: Readonly<Record<string, string>> = {
  collector_tstamp: 'timestamp',
  dvce_created_tstamp: 'timestamp',
  derived_tstamp: 'timestamp',
  domain_sessionidx: 'bigint',
  se_value: 'double precision',
  tr_total: 'double precision',
}
const tables = [
  'create schema raw',
  'create schema atomic',
  'create table raw.purchases (customer_id text, purchased_on date, quantity bigint, amount double precision)',
  `create table atomic.events (${eventColumns.map((name) => `${name} ${types[name] ?? 'text'}`).join(', ')})`,
]

export function shopInDuckDb(path: string): ShopWarehouse {
  const run = async (statements: readonly string[]): Promise<void> => {
    const instance = await DuckDBInstance.create(path)
    const connection = await instance.connect()
    for (const statement of statements) await connection.run(statement)
    connection.closeSync()
    instance.closeSync()
  }
  return {
    target: { type: 'duckdb', path, schema: 'shop', threads: 2 },
    load: ({ purchases, events }) =>
      run([
        ...tables,
        `copy raw.purchases from '${purchases}' (header, dateformat '%Y%m%d')`,
        `copy atomic.events from '${events}' (header)`,
      ]),
    export: (models, folder) =>
      run(models.map((model) => `copy shop.${model} to '${join(folder, `${model}.csv`)}' (header)`)),
  }
}

export function shopInPostgres(url: string): ShopWarehouse {
  const withClient = async (work: (client: Client) => Promise<void>): Promise<void> => {
    const client = new Client({ connectionString: url })
    await client.connect()
    await work(client).finally(() => client.end())
  }
  const { hostname, port, username, password, pathname } = new URL(url)
  return {
    target: {
      type: 'postgres',
      host: hostname,
      port: Number(port),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      dbname: pathname.slice(1),
      schema: 'shop',
      threads: 2,
    },
    load: ({ purchases, events }) =>
      withClient(async (client) => {
        for (const table of tables) await client.query(table)
        for (const [table, path] of Object.entries({ 'raw.purchases': purchases, 'atomic.events': events })) {
          const sink = client.query(copyFrom(`copy ${table} from stdin (format csv, header)`))
          await pipeline(createReadStream(path), sink)
        }
      }),
    export: (models, folder) =>
      withClient(async (client) => {
        for (const model of models) {
          const rows = client.query(copyTo(`copy (select * from shop.${model}) to stdout (format csv, header)`))
          await pipeline(rows, createWriteStream(join(folder, `${model}.csv`)))
        }
      }),
  }
}
