import type { JsonValue } from '../contract/index.ts'
import { json, like, object, optional, recordOf, text } from './shape.ts'

/** What a case gives: the entity's key by its column's name, traits by theirs, columns as `table.column`. */
export type CaseRow = Readonly<Record<string, JsonValue>>

/**
 * A row and what is to become of it: the payload that the destination gets, or the code of the reason for which it is
 * rejected.
 */
export type SyncCase =
  | { readonly row: CaseRow; readonly sends: Readonly<Record<string, JsonValue>> }
  | { readonly row: CaseRow; readonly rejected: string }

const values = recordOf('plain data', json)

export const syncCases = like(
  recordOf('cases', object({ row: values, sends: optional(values), rejected: optional(text) })),
  "cases: { 'a member': { row: { id: 'c1' }, sends: { id: 'c1' } } }",
)
