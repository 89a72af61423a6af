import type { NotebookSpec, Relation } from '../../orchestrator/contract/index.ts'
import type { Warehouse, WarehouseCall } from '../warehouse/warehouse.ts'
import { outputInvalid } from './failures.ts'

/**
 * Takes a notebook's output into the warehouse: loaded beside the old table, checked there, and put in its place in
 * one transaction. The helper checked it before; a kernel of another language may have written the file by itself.
 */
export async function takeOver(
  warehouse: Warehouse,
  spec: NotebookSpec,
  key: string,
  file: string,
  call: WarehouseCall,
): Promise<void> {
  const staging = stagingOf(spec.relation)
  const { columns, relation } = spec
  await warehouse.loadCsv(
    { relation: staging, columns, paths: [file], delimiter: ',', header: true, dateFormat: null },
    call,
  )
  const problem = await problemOf(warehouse, staging, key, call)
  if (problem !== null) {
    await warehouse.transaction([statement(`drop table ${quoted(staging)}`)], call)
    throw outputInvalid(spec, problem)
  }
  await warehouse.transaction(
    [
      statement(`drop table if exists ${quoted(relation)}`),
      statement(`alter table ${quoted(staging)} rename to ${identifier(relation.name)}`),
    ],
    call,
  )
}

async function problemOf(
  warehouse: Warehouse,
  relation: Relation,
  key: string,
  call: WarehouseCall,
): Promise<string | null> {
  const [counts] = await warehouse.query(
    statement(
      `select count(*) - count(${identifier(key)}) as nulls, count(${identifier(key)}) - count(distinct ${identifier(key)}) as doubled from ${quoted(relation)}`,
    ),
    call,
  )
  const [nulls, doubled] = [Number(counts?.['nulls'] ?? 0), Number(counts?.['doubled'] ?? 0)]
  if (nulls > 0) return `${nulls} rows have no ${key}`
  return doubled > 0 ? `${doubled} rows repeat the ${key} of another` : null
}

/** Begins with no kind's name, so that it is nobody else's table. */
function stagingOf({ schema, name }: Relation): Relation {
  return { schema, name: `staging_${name}`.slice(0, 63) }
}

function statement(text: string): { readonly text: string; readonly parameters: [] } {
  return { text, parameters: [] }
}

function quoted({ schema, name }: Relation): string {
  return `${identifier(schema)}.${identifier(name)}`
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
