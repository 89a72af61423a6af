import { Liquid, type Template } from 'liquidjs'
import {
  type ColumnType,
  type FieldMapping,
  type JsonValue,
  type MappedValue,
  nameOf,
  type StreamFieldSpec,
  TraitlineError,
} from '../../orchestrator/contract/index.ts'
import type { SyncSetup } from './setup.ts'

/** A frozen row as it is spooled: what the engine knows of it, and the columns that the mapping reads. */
export interface SpooledRow {
  readonly _ordinal: number
  readonly _batch: number
  readonly _operation: string
  readonly _key: string
  readonly [column: string]: JsonValue
}

/** Fields as the destination gets them, or why this row cannot be sent. The message names fields, never values. */
export type Rendered =
  | { readonly data: Readonly<Record<string, JsonValue>> }
  | { readonly rejected: { readonly code: string; readonly message: string } }

export type Renderer = (row: SpooledRow) => Rendered

interface CompiledField {
  readonly name: string
  readonly spec: StreamFieldSpec | null
  readonly value: (row: SpooledRow) => JsonValue
}

/** No files, no endless loops: a template sees its variables and nothing else. */
const liquid = new Liquid({ templates: {}, strictFilters: true, renderLimit: 1_000, memoryLimit: 10_000_000 })

/**
 * Compiles the mapping once, for many rows: `row` renders an upsert, insert or append, `key` a delete, which has only
 * the fields of the stream's key, since of a row that has left the source nothing but its key is known.
 */
export function compileMapping(setup: SyncSetup): { readonly row: Renderer; readonly key: Renderer } {
  const fields = setup.spec.mapping.map((mapping) => compileField(mapping, setup))
  const keys = fields.filter(({ name }) => setup.stream.key.includes(name))
  return { row: (row) => renderFields(fields, row), key: (row) => renderFields(keys, row) }
}

/** A mode that deletes has to tell a row that left by its key alone. Throws SYNC_KEY_UNTOLD. */
export function requireKeyOnly(setup: SyncSetup): void {
  const mapped = new Map(setup.spec.mapping.map(({ field, value }) => [field, value]))
  const untold = setup.stream.key.find((field) => !fromKeyAlone(mapped.get(field)))
  if (setup.stream.key.length > 0 && untold === undefined) return
  throw new TraitlineError({
    code: 'SYNC_KEY_UNTOLD',
    message:
      `${setup.spec.key} has to delete rows of ${setup.stream.name}, but ` +
      (untold === undefined
        ? 'that stream has no key'
        : `its key field ${untold} is not mapped from the entity’s key alone`),
    hint: `Map the stream’s key from the key of ${setup.entity.name}, or use a mode that does not delete.`,
    blame: 'user',
  })
}

function fromKeyAlone(value: MappedValue | undefined): boolean {
  if (value === undefined || value.type === 'trait') return false
  return value.type !== 'template' || Object.values(value.variables).every(({ type }) => type === 'key')
}

function renderFields(fields: readonly CompiledField[], row: SpooledRow): Rendered {
  const data: Record<string, JsonValue> = {}
  for (const { name, spec, value } of fields) {
    let raw: JsonValue
    try {
      raw = value(row)
    } catch {
      return reject('TEMPLATE_FAILED', `the template of the field ${name} could not be rendered for this row`)
    }
    const cast = raw === null || spec === null ? raw : casts[spec.type](raw)
    if (cast === undefined) return reject('FIELD_TYPE', `the value of the field ${name} is no ${spec?.type}`)
    if (cast === null && spec?.required === true) {
      return reject('FIELD_REQUIRED', `the field ${name} is required, and the row has no value for it`)
    }
    data[name] = cast
  }
  return { data }
}

function reject(code: string, message: string): Rendered {
  return { rejected: { code, message } }
}

function compileField({ field, value }: FieldMapping, setup: SyncSetup): CompiledField {
  const spec = setup.stream.fields.find(({ name }) => name === field) ?? null
  return { name: field, spec, value: compileValue(value, setup) }
}

function compileValue(value: MappedValue, setup: SyncSetup): (row: SpooledRow) => JsonValue {
  if (value.type === 'key') return keyOf(setup)
  if (value.type === 'trait') return columnOf(nameOf(value.trait))
  if (value.type === 'constant') return () => value.value
  const template: Template[] = liquid.parse(value.template)
  const variables = Object.entries(value.variables).map(
    ([name, variable]) => [name, variable.type === 'key' ? keyOf(setup) : columnOf(nameOf(variable.trait))] as const,
  )
  return (row) =>
    String(liquid.renderSync(template, Object.fromEntries(variables.map(([name, read]) => [name, read(row)]))))
}

function columnOf(name: string): (row: SpooledRow) => JsonValue {
  return (row) => row[name] ?? null
}

function keyOf({ entity }: SyncSetup): (row: SpooledRow) => JsonValue {
  return entity.key.type === 'integer' ? (row) => wholeNumber(row._key) ?? row._key : (row) => row._key
}

/** Undefined if the value does not fit. A number too large for a double stays a text. */
const casts: Readonly<Record<ColumnType, (value: JsonValue) => JsonValue | undefined>> = {
  text: (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)),
  integer: (value) => {
    if (typeof value === 'number') return Number.isInteger(value) ? value : undefined
    return typeof value === 'string' ? wholeNumber(value) : undefined
  },
  number: (value) => {
    if (typeof value === 'number') return value
    if (typeof value !== 'string' || value.trim() === '' || !Number.isFinite(Number(value))) return undefined
    return String(Number(value)) === value ? Number(value) : value
  },
  boolean: (value) => {
    if (typeof value === 'boolean') return value
    return value === 'true' ? true : value === 'false' ? false : undefined
  },
  timestamp: (value) => (typeof value === 'string' ? value : undefined),
  date: (value) => (typeof value === 'string' ? value.slice(0, 10) : undefined),
  json: (value) => value,
}

function wholeNumber(text: string): number | string | undefined {
  if (!/^-?\d+$/.test(text)) return undefined
  return Number.isSafeInteger(Number(text)) ? Number(text) : text
}
