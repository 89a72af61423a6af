import type { AssetKey } from './asset-key.ts'

export const exceptionFates = ['rejected', 'skipped', 'unknown'] as const

export type ExceptionFate = (typeof exceptionFates)[number]

/** Which rows that a destination did not take are asked for. */
export interface RejectsRequest {
  readonly fate?: ExceptionFate
  readonly code?: string
  readonly limit: number
  /** How many rows before them, by key. */
  readonly offset: number
}

/** Rows that a destination did not take, or of which nobody can tell. */
export interface SyncRejects {
  readonly sync: AssetKey
  readonly revision: number
  /** Of all of them, whatever was asked for. */
  readonly counts: readonly { readonly fate: ExceptionFate; readonly code: string; readonly rows: number }[]
  readonly rows: readonly ExceptedRow[]
  /** Whether keys are replaced by `***`. */
  readonly masked: boolean
}

export interface ExceptedRow {
  readonly key: string
  readonly fate: ExceptionFate
  readonly code: string
  readonly message: string
  readonly operation: string
  readonly syncRun: string
  /** How often in a row this value of it had this fate. */
  readonly attempts: number
  readonly firstAt: string
  readonly lastAt: string
  /** Of a rejected row: no run tries it again by itself before. */
  readonly nextAttemptAt: string | null
}
