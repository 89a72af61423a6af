import type { AssetKey } from './asset-key.ts'
import type { CheckResult } from './check.ts'
import type { JsonObject } from './json.ts'
import type { AssetSpec } from './spec.ts'

/** What somebody else says of an asset that they materialised. Counts, versions and short texts: no rows. */
export interface MaterializationReport {
  readonly asset: AssetKey
  /** Their own name for the content: equal ones are equal content. Null if each report is new content. */
  readonly dataVersion: string | null
  readonly rows: number | null
  readonly metadata: JsonObject
  readonly checks: readonly CheckResult[]
  /** ISO 8601; null for `durationMs` ago. */
  readonly startedAt: string | null
  /** Null for the time from `startedAt` to now, or none. */
  readonly durationMs: number | null
  /** A second report of the asset with the same key changes nothing. */
  readonly idempotencyKey: string | null
}

/** The warehouse of what was reported: whoever makes it says that it can be read wherever it is read. */
export const anyWarehouse = '*'

/** Whether others materialise it and report it: no run touches it. */
export function isExternal(spec: AssetSpec): boolean {
  return spec.kind === 'source' && spec.external === true
}
