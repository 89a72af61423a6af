import {
  type FieldMapping,
  isKeyAlone,
  type JsonValue,
  nameOf,
  type StreamFieldSpec,
  TraitlineError,
} from '../../../orchestrator/contract/index.ts'
import type { SyncSetup } from '../setup.ts'
import { fits } from './cast.ts'
import { valueCompiler } from './compile.ts'
import { withoutNulls } from './compose.ts'
import { Unmappable, type ReadValue, type Rendering, type RunFacts, type SpooledRow } from './value.ts'

/** Something of a row that is sent, and worth knowing. */
export interface FieldNote {
  readonly field: string
  /** `ALREADY_HASHED`: the value was a SHA-256 when it came, and was passed on as it is. */
  readonly code: 'ALREADY_HASHED'
}

/** Fields as the destination gets them, or why this row cannot be sent. The message names fields, never values. */
export type Rendered =
  | { readonly data: Readonly<Record<string, JsonValue>>; readonly notes?: readonly FieldNote[] }
  | { readonly rejected: { readonly code: string; readonly message: string } }

export type Renderer = (row: SpooledRow) => Rendered

interface CompiledField {
  readonly name: string
  readonly spec: StreamFieldSpec | null
  readonly ignoreNull: boolean
  readonly value: ReadValue
}

type Mapped = Pick<SyncSetup, 'entity' | 'stream'> & {
  readonly spec: { readonly key: SyncSetup['spec']['key']; readonly mapping: readonly FieldMapping[] }
}

/** Of a rendering that nobody sends. */
export const noRun: Omit<RunFacts, 'sync'> = { run: '(run)', syncedAt: new Date(0).toISOString() }

/**
 * Compiles the mapping once, for many rows: `row` renders an upsert, insert or append, `key` a delete, which has only
 * the fields of the stream's key, since of a row that has left the source nothing but its key is known.
 */
export function compileMapping(
  setup: Mapped,
  run: Omit<RunFacts, 'sync'> = noRun,
): { readonly row: Renderer; readonly key: Renderer } {
  const compile = valueCompiler(setup.entity, { ...run, sync: nameOf(setup.spec.key) })
  const fields = setup.spec.mapping.map(({ field, value, ignoreNull = false }): CompiledField => ({
    name: field,
    spec: setup.stream.fields.find(({ name }) => name === field) ?? null,
    ignoreNull,
    value: compile(value),
  }))
  const keys = fields.filter(({ name }) => setup.stream.key.includes(name))
  return { row: (row) => renderFields(fields, row), key: (row) => renderFields(keys, row) }
}

/** A mode that deletes has to tell a row that left by its key alone. Throws SYNC_KEY_UNTOLD. */
export function requireKeyOnly(setup: SyncSetup): void {
  const mapped = new Map(setup.spec.mapping.map(({ field, value }) => [field, value]))
  const untold = setup.stream.key.find((field) => {
    const value = mapped.get(field)
    return value === undefined || !isKeyAlone(value)
  })
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

const noNotes: readonly FieldNote[] = []

function renderFields(fields: readonly CompiledField[], row: SpooledRow): Rendered {
  const data: Record<string, JsonValue> = {}
  let notes = noNotes
  let field = ''
  const rendering: Rendering = { row, note: (code) => (notes = [...notes, { field, code }]) }
  for (const { name, spec, ignoreNull, value } of fields) {
    field = name
    let raw: JsonValue
    try {
      raw = value(rendering)
    } catch (error) {
      if (error instanceof Unmappable) return reject(error.code, `the value of the field ${name} ${error.message}`)
      throw error
    }
    if (ignoreNull) raw = withoutNulls(raw)
    const cast = raw === null || spec === null ? raw : fits[spec.type](raw)
    if (cast === undefined) return reject('FIELD_TYPE', `the value of the field ${name} is no ${spec?.type}`)
    if (cast === null) {
      if (spec?.required === true) {
        return reject('FIELD_REQUIRED', `the field ${name} is required, and the row has no value for it`)
      }
      if (ignoreNull) continue
    }
    data[name] = cast
  }
  return notes === noNotes ? { data } : { data, notes }
}

function reject(code: string, message: string): Rendered {
  return { rejected: { code, message } }
}
