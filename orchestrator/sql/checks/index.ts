import type { CheckTest, CheckType } from '../../contract/index.ts'
import { acceptedRange, acceptedValues, notNull, unique } from './columns.ts'
import { delivered } from './delivered.ts'
import { drift } from './drift.ts'
import { failingRows } from './failing-rows.ts'
import { columnFreshness } from './freshness.ts'
import type { CheckProgram, CheckProgramOf, CheckTarget } from './program.ts'
import { rowCount, rowCountChange } from './row-count.ts'
import { sqlValue } from './sql-value.ts'

export type { CheckProgram, CheckTarget, Verdict } from './program.ts'
export { createSamples, expireSamples, forgetSamples, keepSamples, type SampleOwner } from './samples.ts'
export { populationStabilityIndex } from './psi.ts'

/** All that are SQL; a check in TypeScript asks for itself. */
export type SqlCheckType = Exclude<CheckType, 'typescript'>

const programs: { readonly [Type in SqlCheckType]: CheckProgramOf<Type> } = {
  sql: failingRows,
  sql_value: sqlValue,
  row_count: rowCount,
  row_count_change: rowCountChange,
  unique,
  not_null: notNull,
  accepted_range: acceptedRange,
  accepted_values: acceptedValues,
  freshness: columnFreshness,
  drift,
  delivered,
}

export function isSqlCheck(test: CheckTest): test is Extract<CheckTest, { readonly type: SqlCheckType }> {
  return Object.hasOwn(programs, test.type)
}

/** The conversation with the warehouse that a check is; see `CheckProgram`. */
export function checkProgram(
  test: Extract<CheckTest, { readonly type: SqlCheckType }>,
  target: CheckTarget,
): CheckProgram {
  return (programs[test.type] as CheckProgramOf<typeof test.type>)(test as never, target)
}
