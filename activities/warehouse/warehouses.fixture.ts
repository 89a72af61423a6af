import { mkdtemp, rm } from 'node:fs/promises'
import type { Dialect } from '../../orchestrator/sql/index.ts'
import { freshDatabase } from '../../test/harness/postgres.ts'
import { createWarehouse } from './create-warehouse.ts'
import type { Warehouse } from './warehouse.ts'

export interface Place {
  readonly url: string
  readonly home: string
  drop(): Promise<void>
}

/** A new, empty warehouse of each kind, by URL. */
export const places: Readonly<Record<Dialect, () => Promise<Place>>> = {
  duckdb: async () => {
    const home = await mkdtemp('/var/tmp/traitline-warehouse-')
    return { url: 'duckdb:shop.duckdb?threads=2', home, drop: () => rm(home, { recursive: true, force: true }) }
  },
  postgres: async () => ({ home: '/', ...(await freshDatabase()) }),
}

export const dialects = Object.keys(places) as Dialect[]

export async function freshWarehouse(dialect: Dialect): Promise<{ warehouse: Warehouse; drop(): Promise<void> }> {
  const place = await places[dialect]()
  const warehouse = createWarehouse(place)
  return {
    warehouse,
    drop: async () => {
      await warehouse.close()
      await place.drop()
    },
  }
}
