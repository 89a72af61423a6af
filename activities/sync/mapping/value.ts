import type { EntitySpec, JsonValue, MappedValue } from '../../../orchestrator/contract/index.ts'

/** A frozen row as it is spooled: what the engine knows of it, and the columns that the mapping reads. */
export interface SpooledRow {
  readonly _ordinal: number
  readonly _batch: number
  readonly _operation: string
  readonly _key: string
  readonly [column: string]: JsonValue
}

/** What of the sync run may be sent with each row. It is the same for all attempts, so that their payloads are too. */
export interface RunFacts {
  readonly sync: string
  /** The run that began the sync run. */
  readonly run: string
  /** ISO 8601, in UTC. */
  readonly syncedAt: string
}

/** One row in rendering. */
export interface Rendering {
  readonly row: SpooledRow
  /** Says something of the row that is worth knowing; it never holds a value. */
  note(code: 'ALREADY_HASHED'): void
}

export type ReadValue = (rendering: Rendering) => JsonValue

export interface CompileContext {
  readonly entity: EntitySpec
  readonly facts: RunFacts
  compile(value: MappedValue): ReadValue
}

/** Why a value cannot be made for this row: the field's name is put before it, and no value is in it. */
export class Unmappable extends Error {
  readonly code: string

  constructor(code: string, reason: string) {
    super(reason)
    this.code = code
  }
}
