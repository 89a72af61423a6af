import { sql } from 'kysely'
import { TraitlineError } from '../../contract/index.ts'
import { column, table } from '../compile.ts'
import { literal } from '../values.ts'
import { askOne, tableOf, typeOf, type CheckProgramOf, over } from './program.ts'

/** How old the latest date or timestamp of a column is. A date counts from its beginning, in UTC. */
export const columnFreshness: CheckProgramOf<'freshness'> = function* (test, target) {
  const type = typeOf(target, test.column)
  if (type !== 'timestamp' && type !== 'date') {
    throw new TraitlineError({
      code: 'CHECK_INVALID',
      message: `${test.column} is ${type}, which has no age`,
      hint: 'Name a column of dates or timestamps.',
      blame: 'user',
    })
  }
  const { dialect } = target
  const latest = sql`max(cast(${column(test.column)} as ${sql.raw(dialect.types.timestamp)}))`
  const now = literal(dialect, target.now.replace(/Z$/, ''), 'timestamp')
  const row = yield* askOne(
    over(target, sql`select extract(epoch from (${now} - ${latest})) / 60 as age from ${table(tableOf(target))}`),
  )
  const age = row['age'] === null || row['age'] === undefined ? null : Number(row['age'])
  const threshold = test.maxAgeMinutes
  const passed = age !== null && age <= threshold
  const old = age === null ? 'it has no value' : `its latest value is ${minutes(age)} old; ${minutes(threshold)} may be`
  return { passed, failures: null, message: passed ? null : old, metadata: { value: age, threshold } }
}

function minutes(count: number): string {
  const units = [
    [1440, 'days'],
    [60, 'hours'],
  ] as const
  const [size, name] = units.find(([each]) => count >= 2 * each) ?? [1, 'minutes']
  return `${Math.round((count / size) * 10) / 10} ${name}`
}
