import type { JsonData, RowIssue, Rows } from '../kit/index.ts'
import type { Target } from './target.ts'

/** Field of a row that holds other ids of its user, by type. */
export const idsField = 'external_ids'

/** A row as it is copied: the profile's id, and its part as JSON text. */
export interface StagedRow {
  readonly id: string
  readonly part: string
}

export interface Staged {
  /** Of rows with the same id only the last. */
  readonly rows: readonly StagedRow[]
  readonly refused: readonly RowIssue[]
}

/** JSON text of what jsonb cannot hold: the character NUL, and half of a surrogate pair. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i

export function stagedRows({ audience, effect, key }: Target, { first, values }: Rows): Staged {
  const rows = new Map<string, StagedRow>()
  const refused: RowIssue[] = []
  const membership = audience === null ? null : JSON.stringify({ traits: { [audience]: true }, ids: {} })
  for (const [index, value] of values.entries()) {
    const refuse = (code: string, message: string): void => void refused.push({ ordinal: first + index, code, message })
    const id = idOf(value[key])
    if (id === null) {
      refuse('null_key', `The id (${key}) is null or empty.`)
      continue
    }
    if (membership !== null || effect === 'take') {
      rows.set(id, { id, part: membership ?? '{}' })
      continue
    }
    const ids = idsOf(value[idsField])
    if (ids === null) {
      refuse('invalid_external_ids', `${idsField} is no object of texts.`)
      continue
    }
    const part = JSON.stringify({ traits: traitsOf(value, key), ids })
    if ((part.includes('\\u') && unstorable.test(part)) || id.includes('\0')) {
      refuse('invalid_text', 'A value holds a character that the database cannot store.')
      continue
    }
    rows.set(id, { id, part })
  }
  return { rows: [...rows.values()], refused }
}

function idOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' && !value.includes('\0') ? value : null
}

/** What is null is not known of the user. */
function traitsOf(row: JsonData, key: string): JsonData {
  const traits: Record<string, unknown> = {}
  for (const name of Object.keys(row)) {
    if (name !== key && name !== idsField && row[name] !== null) traits[name] = row[name]
  }
  return traits
}

function idsOf(value: unknown): Record<string, string> | null {
  if (value === null || value === undefined) return {}
  if (typeof value !== 'object' || Array.isArray(value)) return null
  const ids: Record<string, string> = {}
  for (const [type, id] of Object.entries(value as JsonData)) {
    if (id === null || id === '') continue
    if (typeof id !== 'string' && typeof id !== 'number') return null
    ids[type] = String(id)
  }
  return ids
}
