import { DuckdbWarehouse } from './duckdb/duckdb-warehouse.ts'
import { warehouseError } from './errors.ts'
import { PostgresWarehouse } from './postgres/postgres-warehouse.ts'
import type { Warehouse, WarehouseOptions } from './warehouse.ts'

const schemes: Readonly<Record<string, (options: WarehouseOptions) => Warehouse>> = {
  duckdb: (options) => new DuckdbWarehouse(options),
  postgres: (options) => new PostgresWarehouse(options),
  postgresql: (options) => new PostgresWarehouse(options),
}

const hour = 3_600_000

/**
 * The warehouse of a URL: `duckdb:PATH` or `postgres://...`. Nothing is opened before the first call.
 *
 *     const warehouse = createWarehouse({ url: 'duckdb:shop.duckdb', home: '/home/ada/shop/.traitline' })
 *     await warehouse.query({ text: 'select 1 as one', parameters: [] }) // [{ one: 1 }]
 */
export function createWarehouse(
  options: Pick<WarehouseOptions, 'url' | 'home'> & Partial<WarehouseOptions>,
): Warehouse {
  const scheme = options.url.slice(0, options.url.indexOf(':'))
  const create = schemes[scheme]
  if (create === undefined) {
    throw warehouseError('WAREHOUSE_URL_INVALID', `There is no warehouse for the scheme "${scheme}"`)
  }
  return create({ timeoutMs: 2 * hour, leaseWaitMs: hour, ...options })
}
