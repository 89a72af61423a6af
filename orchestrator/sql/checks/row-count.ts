import { sql } from 'kysely'
import { table } from '../compile.ts'
import type { ResultRow } from '../dialect.ts'
import type { Statement } from '../statement.ts'
import { bounds, within } from './bounds.ts'
import { askOne, percent, tableOf, type CheckProgram, type CheckProgramOf, type CheckTarget, over } from './program.ts'

/** The rows of the materialisation, counted where nobody did. */
export function* rowsOf(target: CheckTarget): Generator<Statement, number, readonly ResultRow[]> {
  if (target.rows !== null) return target.rows
  const row = yield* askOne(over(target, sql`select count(*) as rows from ${table(tableOf(target))}`))
  return Number(row['rows'])
}

export const rowCount: CheckProgramOf<'row_count'> = function* (test, target) {
  const value = yield* rowsOf(target)
  const passed = within(value, test)
  return {
    passed,
    failures: null,
    message: passed ? null : `${value.toLocaleString('en-US')} rows, which is not ${bounds(test)}`,
    metadata: { value, min: test.min, max: test.max },
  }
}

/** How much a table grew or shrank since the last good materialisation, as a share of what it was. */
export const rowCountChange: CheckProgramOf<'row_count_change'> = function* (test, target): CheckProgram {
  const value = yield* rowsOf(target)
  const before = target.lastGood?.rows ?? null
  if (before === null) {
    return { passed: true, failures: null, message: 'nothing to compare with yet', metadata: { value } }
  }
  // From none to some is beyond any share.
  const change = before === 0 ? (value === 0 ? 0 : null) : (value - before) / before
  const { maxDrop, maxGrowth } = test
  const dropped = change !== null && maxDrop !== null && change < -maxDrop
  const grown = maxGrowth !== null && (change === null || change > maxGrowth)
  const words = change === null ? 'from none' : `by ${percent(Math.abs(change))} from ${before.toLocaleString('en-US')}`
  return {
    passed: !dropped && !grown,
    failures: null,
    message: dropped || grown ? `${dropped ? 'fell' : 'grew'} ${words} to ${value.toLocaleString('en-US')} rows` : null,
    metadata: { value, before, change, maxDrop, maxGrowth },
  }
}
