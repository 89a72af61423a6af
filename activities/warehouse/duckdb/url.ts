import { createHash } from 'node:crypto'
import { totalmem } from 'node:os'
import { basename, resolve } from 'node:path'
import { warehouseError } from '../errors.ts'

export interface DuckdbLocation {
  readonly path: string
  readonly id: string
  readonly settings: Readonly<Record<string, string>>
}

/** What may follow the path: `duckdb:shop.duckdb?memory_limit=8GB&threads=4`. */
const tunable = ['memory_limit', 'threads', 'max_temp_directory_size']

/** A relative path is under `home`. */
export function duckdbLocation(url: string, home: string): DuckdbLocation {
  const [location = '', query = ''] = url.replace(/^duckdb:(?:\/\/(?=\/))?/, '').split('?')
  if (location === '' || location === ':memory:') {
    throw warehouseError('WAREHOUSE_URL_INVALID', 'A DuckDB warehouse needs a file: other processes have to read it')
  }
  const path = resolve(home, location)
  const chosen = Object.fromEntries(new URLSearchParams(query))
  const unknown = Object.keys(chosen).find((name) => !tunable.includes(name))
  if (unknown !== undefined) {
    throw warehouseError(
      'WAREHOUSE_URL_INVALID',
      `The DuckDB URL sets ${unknown}, which is not one of ${tunable.join(', ')}`,
    )
  }
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 8)
  return {
    path,
    id: `duckdb-${basename(path)}-${digest}`,
    settings: {
      // Half of the machine: the rest is for the workers, dbt and notebooks beside it.
      memory_limit: `${Math.round(totalmem() / 2 ** 21)}MiB`,
      temp_directory: `${path}.tmp`,
      autoinstall_known_extensions: 'false',
      ...chosen,
    },
  }
}
