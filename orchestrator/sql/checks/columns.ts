import { sql } from 'kysely'
import { column, commas, table } from '../compile.ts'
import type { Fragment, ResultRow } from '../dialect.ts'
import type { Statement } from '../statement.ts'
import { inList, literal } from '../values.ts'
import {
  askOne,
  ofRows,
  percent,
  shareOf,
  tableOf,
  typeOf,
  type CheckProgramOf,
  type CheckTarget,
  over,
} from './program.ts'

interface Failing {
  readonly rows: number
  readonly failures: number
  readonly failing: Fragment
}

/** How many rows there are, and for how many `failing` is true. */
function* countFailing(target: CheckTarget, failing: Fragment): Generator<Statement, Failing, readonly ResultRow[]> {
  const row: ResultRow = yield* askOne(
    over(
      target,
      sql`select count(*) as rows, count(*) filter (where ${failing}) as failures from ${table(tableOf(target))}`,
    ),
  )
  const those = sql`select * from ${table(tableOf(target))} where ${failing}`
  return { rows: Number(row['rows']), failures: Number(row['failures']), failing: those }
}

export const notNull: CheckProgramOf<'not_null'> = function* (test, target) {
  typeOf(target, test.column)
  const { rows, failures, failing: those } = yield* countFailing(target, sql`${column(test.column)} is null`)
  const share = shareOf(failures, rows)
  const passed = share <= test.maxShare
  const allowed = test.maxShare === 0 ? '' : ` (${percent(share)}; ${percent(test.maxShare)} may)`
  return {
    passed,
    failures,
    message: passed ? null : `${ofRows(failures, rows, `have no ${test.column}`)}${allowed}`,
    metadata: { rows, share, threshold: test.maxShare },
    failing: those,
  }
}

export const unique: CheckProgramOf<'unique'> = function* (test, target) {
  for (const name of test.columns) typeOf(target, name)
  const values = test.columns.map((name) => column(name))
  const present = sql.join(
    values.map((value) => sql`${value} is not null`),
    sql` and `,
  )
  const repeated = sql`select count(*) as n from ${table(tableOf(target))} where ${present}
    group by ${commas(values)}`
  const again = sql`select ${commas(values)} from ${table(tableOf(target))} where ${present}
    group by ${commas(values)} having count(*) > 1`
  const row = yield* askOne(
    over(
      target,
      sql`select coalesce(sum(n), 0) as rows, coalesce(sum(n - 1), 0) as failures from (${repeated}) as repeated`,
    ),
  )
  const [rows, failures] = [Number(row['rows']), Number(row['failures'])]
  const words = `repeat the ${test.columns.join(' and ')} of another`
  return {
    passed: failures === 0,
    failures,
    message: failures === 0 ? null : ofRows(failures, rows, words),
    metadata: { rows, share: shareOf(failures, rows) },
    failing: sql`select * from ${table(tableOf(target))} join (${again}) as again using (${commas(values)})`,
  }
}

/** NaN and the infinities are in no range. */
export const acceptedRange: CheckProgramOf<'accepted_range'> = function* (test, target) {
  const { dialect } = target
  const type = typeOf(target, test.column)
  const value = column(test.column)
  const failing = [
    ...(test.min === null ? [] : [sql`${value} < ${literal(dialect, test.min, 'number')}`]),
    ...(test.max === null ? [] : [sql`${value} > ${literal(dialect, test.max, 'number')}`]),
    ...(type === 'number'
      ? [sql`not ${dialect.isFinite(sql`cast(${value} as ${sql.raw(dialect.types.number)})`)}`]
      : []),
  ]
  const {
    rows,
    failures,
    failing: those,
  } = yield* countFailing(target, failing.length === 0 ? sql`false` : sql`(${sql.join(failing, sql` or `)})`)
  return {
    passed: failures === 0,
    failures,
    message: failures === 0 ? null : ofRows(failures, rows, `have a ${test.column} out of range`),
    metadata: { rows, share: shareOf(failures, rows), min: test.min, max: test.max },
    failing: those,
  }
}

export const acceptedValues: CheckProgramOf<'accepted_values'> = function* (test, target) {
  const type = typeOf(target, test.column)
  const value = column(test.column)
  const listed = inList(target.dialect, value, type, test.values)
  const { rows, failures, failing: those } = yield* countFailing(target, sql`${value} is not null and not (${listed})`)
  return {
    passed: failures === 0,
    failures,
    message: failures === 0 ? null : ofRows(failures, rows, `have another ${test.column} than is accepted`),
    metadata: { rows, share: shareOf(failures, rows) },
    failing: those,
  }
}
