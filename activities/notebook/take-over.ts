import type { NotebookSpec, Relation } from '../../orchestrator/contract/index.ts'
import { dialectSql, dropStaging, publishStaging, stagingRelation } from '../../orchestrator/sql/index.ts'
import type { Warehouse, WarehouseCall } from '../warehouse/warehouse.ts'
import { outputInvalid } from './failures.ts'

/**
 * Takes a notebook's output into the warehouse: loaded aside, checked there, and put in place in one transaction. The
 * helper checked it before; but a kernel of another language may have written the file by itself.
 */
export async function takeOver(
  warehouse: Warehouse,
  spec: NotebookSpec,
  key: string,
  file: string,
  call: WarehouseCall,
): Promise<void> {
  const { columns, relation } = spec
  const staging = stagingRelation(relation)
  await warehouse.loadCsv(
    { relation: staging, columns, paths: [file], delimiter: ',', header: true, dateFormat: null },
    call,
  )
  const problem = await problemOf(warehouse, staging, key, call)
  if (problem !== null) {
    await warehouse.transaction([dropStaging(relation)], call)
    throw outputInvalid(spec, problem)
  }
  const existing = await warehouse.describe(relation, call)
  await warehouse.transaction(publishStaging(dialectSql(warehouse.dialect), relation, columns, existing), call)
}

export async function problemOf(
  warehouse: Warehouse,
  relation: Relation,
  key: string,
  call: WarehouseCall,
): Promise<string | null> {
  const [column, table] = [identifier(key), `${identifier(relation.schema)}.${identifier(relation.name)}`]
  const text = `select count(*) - count(${column}) as nulls, count(${column}) - count(distinct ${column}) as doubled
    from ${table}`
  const [counts] = await warehouse.query({ text, parameters: [] }, call)
  const [nulls, doubled] = [Number(counts?.['nulls'] ?? 0), Number(counts?.['doubled'] ?? 0)]
  if (nulls > 0) return `${nulls} rows have no ${key}`
  return doubled > 0 ? `${doubled} rows repeat the ${key} of another` : null
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
