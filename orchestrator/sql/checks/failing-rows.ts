import { sql } from 'kysely'
import { compileTemplate } from '../template.ts'
import { askOne, type CheckProgramOf, over } from './program.ts'

/** A query whose every row is a failure. As a subquery of a count it can change nothing. */
export const failingRows: CheckProgramOf<'sql'> = function* (test, target) {
  const failing = compileTemplate(test.sql, target.relationOf, target.partitionValue)
  const row = yield* askOne(over(target, sql`select count(*) as failures from ${failing} as failing`))
  const failures = Number(row['failures'])
  return {
    passed: failures === 0,
    failures,
    message: failures === 0 ? null : `${failures.toLocaleString('en-US')} rows that it selects`,
    metadata: {},
    failing: sql`select * from ${failing} as failing`,
  }
}
