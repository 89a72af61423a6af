import { createHash } from 'node:crypto'
import {
  maxIdentifier,
  nameOf,
  type EntitySpec,
  type JsonValue,
  type MappedReference,
} from '../../../orchestrator/contract/index.ts'
import { wholeNumber } from './cast.ts'
import type { CompileContext, ReadValue, Rendering } from './value.ts'

type ColumnReference = Exclude<MappedReference, { readonly type: 'key' }>

/** What the frozen rows call it. A trait's name has no dot: a column never looks like one. */
export function frozenColumn(reference: ColumnReference): string {
  if (reference.type === 'trait') return nameOf(reference.trait)
  const name = `${reference.asset}.${reference.column}`
  if (Buffer.byteLength(name) <= maxIdentifier) return name
  return `${reference.column.slice(0, 20)}~${createHash('sha256').update(name).digest('hex').slice(0, 16)}`
}

/** JSON reads each as the warehouse wrote it; a point in time is made ISO 8601. */
export function compileReference(reference: MappedReference, { entity }: CompileContext): ReadValue {
  if (reference.type === 'key') return keyOf(entity)
  const name = frozenColumn(reference)
  const read = ({ row }: Rendering): JsonValue => row[name] ?? null
  return reference.type === 'column' && reference.of === 'timestamp' ? (rendering) => isoTime(read(rendering)) : read
}

function keyOf({ key }: EntitySpec): ReadValue {
  return key.type === 'integer' ? ({ row }) => wholeNumber(row._key) ?? row._key : ({ row }) => row._key
}

/** DuckDB and Postgres write `2024-05-01 10:00:00+00` or `2024-05-01T10:00:00+00:00`. */
function isoTime(value: JsonValue): JsonValue {
  if (typeof value !== 'string') return value
  const at = Date.parse(value.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00'))
  return Number.isNaN(at) ? value : new Date(at).toISOString()
}
