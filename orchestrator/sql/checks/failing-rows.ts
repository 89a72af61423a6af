import { sql } from 'kysely'
import { compile } from '../compile.ts'
import { compileTemplate } from '../template.ts'
import { askOne, type CheckProgramOf } from './program.ts'

/** A query whose every row is a failure. As a subquery of a count it can change nothing. */
export const failingRows: CheckProgramOf<'sql'> = function* (test, target) {
  const failing = compileTemplate(test.sql, target.relationOf)
  const row = yield* askOne(compile(sql`select count(*) as failures from ${failing} as failing`))
  const failures = Number(row['failures'])
  return {
    passed: failures === 0,
    failures,
    message: failures === 0 ? null : `${failures.toLocaleString('en-US')} rows that it selects`,
    metadata: {},
  }
}
