import type { AssetKey } from './asset-key.ts'
import type { JsonValue } from './json.ts'
import type { FieldMapping } from './mapped-value.ts'

/** Rows of a sync's source as its destination would get them. */
export interface PreviewRequest {
  /** At most. */
  readonly rows: number
  /** What to render them with, instead of the deployed mapping. */
  readonly mapping?: readonly FieldMapping[]
}

export interface SyncPreview {
  readonly sync: AssetKey
  readonly revision: number
  readonly stream: string
  readonly rows: readonly PreviewRow[]
  /** Whether values are replaced by `***`. */
  readonly masked: boolean
}

export interface PreviewRow {
  readonly key: string
  /** The payload; null of a row that cannot be sent. */
  readonly data: Readonly<Record<string, JsonValue>> | null
  /** Why it cannot be sent. */
  readonly rejected: { readonly code: string; readonly message: string } | null
  /** What is worth knowing of its fields: `ALREADY_HASHED`. */
  readonly notes: readonly { readonly field: string; readonly code: string }[]
}

const mask = '***'

/** Values and keys replaced; which fields there are, how they nest and which are null is left to see. */
export function maskedPreview(rows: readonly PreviewRow[]): readonly PreviewRow[] {
  const hidden = (value: JsonValue): JsonValue => {
    if (value === null) return null
    if (Array.isArray(value)) return value.map(hidden)
    return typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, hidden(part)]))
      : mask
  }
  return rows.map((row) => ({
    ...row,
    key: mask,
    data: row.data === null ? null : (hidden(row.data) as Record<string, JsonValue>),
  }))
}
