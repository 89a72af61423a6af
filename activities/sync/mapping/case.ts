import { isDeepStrictEqual } from 'node:util'
import {
  type JsonValue,
  type Manifest,
  type MappedReference,
  nameOf,
  referencesIn,
  type SyncSpec,
} from '../../../orchestrator/contract/index.ts'
import { frozenColumn } from './references.ts'
import { compileMapping } from './render.ts'
import type { SpooledRow } from './value.ts'

type Values = Readonly<Record<string, JsonValue>>

export type MappingCase =
  { readonly row: Values; readonly sends: Values } | { readonly row: Values; readonly rejected: string }

export interface CaseResult {
  readonly passed: boolean
  /** What differs, a line each: `-` what was expected, `+` what was made. */
  readonly difference: readonly string[]
}

/**
 * Renders a case's row by the sync's mapping, and compares. The row names the entity's key by its column, traits by
 * their names and columns as `table.column`; what is left out is null. Needs no warehouse, destination or credential.
 */
export function runCase(manifest: Manifest, spec: SyncSpec, { row, ...expected }: MappingCase): CaseResult {
  const entity = manifest.entities.find(({ name }) => name === spec.entity)
  const stream = manifest.destinations
    .find(({ name }) => name === spec.destination)
    ?.streams.find(({ name }) => name === spec.stream)
  if (entity === undefined || stream === undefined) throw new RangeError(`${spec.key} does not belong to the manifest`)

  const key = entity.key.column
  const references = spec.mapping.flatMap(({ value }) => referencesIn(value))
  const named = new Map(references.map((reference) => [caseName(reference, key), reference]))
  const unread = Object.keys(row).filter((name) => name !== key && !named.has(name))
  if (unread.length > 0) {
    const reads = [...new Set([key, ...named.keys()])].join(', ')
    return {
      passed: false,
      difference: [`the row has ${unread.join(', ')}, which the mapping does not read: ${reads}`],
    }
  }
  const columns = [...named].flatMap(([name, reference]) =>
    reference.type === 'key' ? [] : [[frozenColumn(reference), row[name] ?? null] as const],
  )
  const spooled: SpooledRow = {
    ...Object.fromEntries(columns),
    ...{ _ordinal: 1, _batch: 1, _operation: 'upsert', _key: String(row[key] ?? '') },
  }
  const made = compileMapping({ spec, entity, stream }).row(spooled)
  const got: Values = 'data' in made ? { sends: made.data } : { rejected: made.rejected.code }
  const difference = differences('', expected as Values, got)
  const why = 'rejected' in made && !('rejected' in expected) ? [`  ${made.rejected.message}`] : []
  return { passed: difference.length === 0, difference: [...difference, ...why] }
}

function caseName(reference: MappedReference, key: string): string {
  if (reference.type === 'key') return key
  return reference.type === 'trait' ? nameOf(reference.trait) : `${nameOf(reference.asset)}.${reference.column}`
}

/** Leaf by leaf, so that one wrong field of a deep payload is one pair of lines. */
function differences(path: string, expected: JsonValue | undefined, got: JsonValue | undefined): readonly string[] {
  if (isDeepStrictEqual(expected, got)) return []
  if (isObject(expected) && isObject(got)) {
    const names = [...new Set([...Object.keys(expected), ...Object.keys(got)])]
    return names.flatMap((name) => differences(path === '' ? name : `${path}.${name}`, expected[name], got[name]))
  }
  return [
    ...(expected === undefined ? [] : [`- ${path}: ${JSON.stringify(expected)}`]),
    ...(got === undefined ? [] : [`+ ${path}: ${JSON.stringify(got)}`]),
  ]
}

function isObject(value: JsonValue | undefined): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
