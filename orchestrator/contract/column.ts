/** Types of columns as Traitline names them; each warehouse maps them to its own. */
export const columnTypes = ['text', 'integer', 'number', 'boolean', 'timestamp', 'date', 'json'] as const

export type ColumnType = (typeof columnTypes)[number]

export interface ColumnSpec {
  readonly name: string
  readonly type: ColumnType
  readonly description?: string
  /** Holds personal data: masked wherever values are shown. */
  readonly pii?: boolean
}

/** A table or view in the warehouse. */
export interface Relation {
  readonly schema: string
  readonly name: string
}
