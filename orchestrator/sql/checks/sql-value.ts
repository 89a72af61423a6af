import { sql } from 'kysely'
import { TraitlineError } from '../../contract/index.ts'
import { compileTemplate } from '../template.ts'
import { bounds, within } from './bounds.ts'
import type { CheckProgramOf } from './program.ts'
import { short, over } from './program.ts'

/** A query for one number, held against bounds. */
export const sqlValue: CheckProgramOf<'sql_value'> = function* (test, target) {
  const measured = compileTemplate(test.sql, target.relationOf, target.partitionValue)
  const rows = yield over(target, sql`select * from ${measured} as measured limit 2`)
  const values = Object.values(rows[0] ?? {})
  const value = values[0] === null || values[0] === '' ? Number.NaN : Number(values[0])
  if (rows.length !== 1 || values.length !== 1 || !Number.isFinite(value)) {
    throw new TraitlineError({
      code: 'CHECK_INVALID',
      message: `its query answers ${rows.length > 1 ? 'several rows' : `${rows.length} rows of ${values.length} columns`}, or no finite number`,
      hint: 'Select one number in one row; to select the rows that fail, give no bounds.',
      blame: 'user',
    })
  }
  const passed = within(value, test)
  return {
    passed,
    failures: null,
    message: passed ? null : `${short(value)} is not ${bounds(test)}`,
    metadata: { value, min: test.min, max: test.max },
  }
}
