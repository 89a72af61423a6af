import type { AssetKey } from './asset-key.ts'
import type { JsonObject } from './json.ts'
import type { Scope } from './names.ts'
import type { Literal } from './predicate.ts'
import type { SqlTemplate } from './sql-template.ts'

export type CheckSeverity = 'warn' | 'error'

/** Code of the user's project: workers load it by module and export, and refuse it if its hash is another. */
export interface CodeRef {
  /** Relative to the project's root. */
  readonly module: string
  readonly export: string
  /** Of the module and of all that it imports from the project. */
  readonly hash: string
}

/** What a check asks. Every column is one of the asset's own table. */
export type CheckTest =
  /** Selects the rows that fail. */
  | { readonly type: 'sql'; readonly sql: SqlTemplate }
  /** Selects one number, in one row. */
  | { readonly type: 'sql_value'; readonly sql: SqlTemplate; readonly min: number | null; readonly max: number | null }
  | { readonly type: 'typescript'; readonly code: CodeRef; readonly resources?: readonly string[] }
  | { readonly type: 'row_count'; readonly min: number | null; readonly max: number | null }
  /** Against the last good materialisation, as shares of its rows: 0.2 is a fifth. Null for any. */
  | { readonly type: 'row_count_change'; readonly maxDrop: number | null; readonly maxGrowth: number | null }
  /** No two rows have the same values; rows with a null among them are left out. */
  | { readonly type: 'unique'; readonly columns: readonly string[] }
  | { readonly type: 'not_null'; readonly column: string; readonly maxShare: number }
  /** Both ends included; null values are left out. */
  | {
      readonly type: 'accepted_range'
      readonly column: string
      readonly min: number | null
      readonly max: number | null
    }
  | { readonly type: 'accepted_values'; readonly column: string; readonly values: readonly Literal[] }
  /** The greatest value of a date or timestamp is at most so old. */
  | { readonly type: 'freshness'; readonly column: string; readonly maxAgeMinutes: number }
  /** Population stability index against the last good materialisation. */
  | {
      readonly type: 'drift'
      readonly column: string
      readonly threshold: number
      /** Of a number: so many quantiles of the reference. */
      readonly bins: number
      /** Below so many rows, on either side, chance alone gives such an index: nothing is judged. */
      readonly minRows: number
    }
  /** Of a sync: which share of what was sent may be rejected or of unknown fate. */
  | { readonly type: 'delivered'; readonly maxLostShare: number }

export type CheckType = CheckTest['type']

export type TestOf<Type extends CheckType> = Extract<CheckTest, { readonly type: Type }>

export interface CheckSpec {
  /** Unique among the asset's checks. */
  readonly name: string
  readonly description: string | null
  readonly severity: CheckSeverity
  /** Failed, it stops what is downstream and every sync of it. */
  readonly blocking: boolean
  readonly test: CheckTest
}

/** What became of one check. Counts, shares and thresholds: never a value of a row. */
export interface CheckResult {
  readonly name: string
  readonly severity: CheckSeverity
  readonly passed: boolean
  /** Rows that failed it, where it counts them. */
  readonly failures: number | null
  readonly message: string | null
  /** Absent: as its severity says. */
  readonly blocking?: boolean
  /** What was measured and held against what: `value`, `threshold`, `share` and the like. */
  readonly metadata?: JsonObject
  /** What a later materialisation is compared with: bins and shares. */
  readonly reference?: JsonObject
}

/** Whether what is downstream has to wait. */
export function isBlocked({ passed, severity, blocking }: CheckResult): boolean {
  return !passed && (blocking ?? severity === 'error')
}

/** The latest materialisation without a failed blocking check, for a check that compares. */
export interface LastGood {
  readonly rows: number | null
  readonly reference: JsonObject | null
}

/** What starts the workflow `runChecks`: checks of what is materialised already. */
export interface CheckRunInput extends Scope {
  readonly run: string
  readonly revision: number
  readonly warehouseQueue: string
  readonly concurrency: number
  readonly assets: readonly AssetKey[]
  /** Which partitions of those that have any; absent for the latest and those that fail a check now. */
  readonly partitions?: string
  /** What is there now becomes what later materialisations are compared with: comparisons pass. */
  readonly accept: boolean
}

/** Results by what they mean. */
export interface CheckCounts {
  readonly passed: number
  readonly warned: number
  readonly failed: number
  /** Assets that have no materialisation to check. */
  readonly skipped: number
}

export const noCheckCounts: CheckCounts = { passed: 0, warned: 0, failed: 0, skipped: 0 }

export function addCheckCounts(a: CheckCounts, b: CheckCounts): CheckCounts {
  return {
    passed: a.passed + b.passed,
    warned: a.warned + b.warned,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  }
}

/** A result is a warning, too, if its severity is error and it does not block: it stops nothing. */
export function countChecks(results: readonly CheckResult[]): CheckCounts {
  const failed = results.filter(isBlocked).length
  const passed = results.filter((result) => result.passed).length
  return { passed, warned: results.length - passed - failed, failed, skipped: 0 }
}

export type CheckRunStatus = 'running' | 'passed' | 'failed' | 'cancelled'

export const checkRunWorkflowType = 'runChecks'

export function checkRunWorkflowId(scope: Scope, run: string): string {
  return `${scope.environment}/${scope.project}/checks/${run}`
}
