import { randomUUID } from 'node:crypto'
import { isTraitlineError } from '../../orchestrator/contract/index.ts'
import { ensureSchema } from './schema.ts'
import { warehouseError } from './errors.ts'
import type { Warehouse } from './warehouse.ts'

const schema = 'traitline_meta'

/** The one row of `traitline_meta.identity`, made when it is first asked for. */
export async function warehouseIdentity(warehouse: Pick<Warehouse, 'query' | 'transaction'>): Promise<string> {
  const known = await read(warehouse)
  if (known !== null) return known
  await ensureSchema(warehouse, schema)
  try {
    await warehouse.transaction([
      {
        text: `create table if not exists ${schema}.identity (one boolean primary key, id text not null)`,
        parameters: [],
      },
      {
        text: `insert into ${schema}.identity (one, id) values (true, $1) on conflict do nothing`,
        parameters: [randomUUID()],
      },
    ])
  } catch (error) {
    // Two processes may make it at once: then the other one's holds.
    const theirs = await read(warehouse)
    if (theirs === null) throw error
    return theirs
  }
  const made = await read(warehouse)
  if (made === null) throw warehouseError('WAREHOUSE_FAILED', `The warehouse did not keep its identity in ${schema}`)
  return made
}

async function read(warehouse: Pick<Warehouse, 'query'>): Promise<string | null> {
  try {
    const [row] = await warehouse.query({ text: `select id from ${schema}.identity`, parameters: [] })
    return row === undefined ? null : String(row['id'])
  } catch (error) {
    if (isTraitlineError(error) && error.code === 'RELATION_MISSING') return null
    throw error
  }
}
