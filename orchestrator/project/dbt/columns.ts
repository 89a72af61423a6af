import type { ColumnSpec, ColumnType } from '../../contract/index.ts'
import type { Model } from '../../define/dbt.ts'
import { nearest } from '../../graph/index.ts'
import type { Context } from '../context.ts'
import type { TableColumns } from '../tables.ts'
import type { DbtNode } from './manifest.ts'

/** Warehouses' names of types by ours. */
const typeNames: Readonly<Record<ColumnType, RegExp>> = {
  text: /^(?:text|varchar|char|character|string|bpchar|uuid)/,
  integer: /^(?:u?(?:tiny|small|big|huge)?int(?:eger)?\d*|int\d|serial|bigserial)$/,
  number: /^(?:number|numeric|decimal|double|float|real)/,
  boolean: /^bool/,
  timestamp: /^(?:timestamp|datetime)/,
  date: /^date$/,
  json: /^(?:json|variant|struct|map|object|super)/,
}

/** Null for a type that Traitline has no name for. */
export function columnTypeOf(dataType: string): ColumnType | null {
  const name = dataType.trim().toLowerCase()
  const found = Object.entries(typeNames).find(([, pattern]) => pattern.test(name))
  return found === undefined ? null : (found[0] as ColumnType)
}

/**
 * A model's columns: those that the project declares, and those that dbt documents with a type. Reports a declared
 * column that dbt's documentation of the model lacks, or types otherwise.
 */
export function modelColumns(
  node: DbtNode,
  model: Model | undefined,
  context: Context,
): { columns: ColumnSpec[]; known: TableColumns } {
  const documented = Object.values(node.columns ?? {})
  const byName = new Map(documented.map((column) => [column.name.toLowerCase(), column]))
  const declared = model?.columns ?? []
  const columns = new Map<string, ColumnSpec>()
  const known = new Map<string, ColumnType | null>()
  for (const column of documented) {
    const name = column.name.toLowerCase()
    const type = column.data_type ? columnTypeOf(column.data_type) : null
    known.set(name, type)
    if (type !== null) columns.set(name, { name, type, ...details(column) })
  }
  for (const column of declared) {
    const other = byName.get(column.name.toLowerCase())
    const type = known.get(column.name.toLowerCase())
    if (documented.length > 0 && other === undefined && model !== undefined) {
      const near = nearest(column.name, byName.keys())
      const fix =
        near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Document it in the model’s YAML, or take it away'
      context.report(model, `it declares the column ${column.name}, which dbt does not document for it`, fix)
    }
    if (type !== undefined && type !== null && !sameType(type, column.type) && model !== undefined) {
      const fix = `Declare it as ${type}`
      context.report(model, `it declares the column ${column.name} as ${column.type}, and dbt as ${type}`, fix)
    }
    columns.set(column.name, { ...(other === undefined ? {} : details(other)), ...column })
    known.set(column.name, column.type)
  }
  return {
    columns: [...columns.values()],
    known: { columns: known, closed: model?.declared === true || documented.length > 0 },
  }
}

/** dbt may call a number an integer or the other way round: warehouses sum integers to numerics. */
function sameType(documented: ColumnType, declared: ColumnType): boolean {
  const numeric = (type: ColumnType): boolean => type === 'integer' || type === 'number'
  return documented === declared || (numeric(documented) && numeric(declared))
}

type DbtColumn = NonNullable<DbtNode['columns']>[string]

function details(column: DbtColumn): { description?: string; pii?: boolean } {
  const pii = column.meta?.['pii'] ?? column.config?.meta?.['pii']
  return {
    ...(column.description ? { description: column.description } : {}),
    ...(pii === true ? { pii: true } : {}),
  }
}
