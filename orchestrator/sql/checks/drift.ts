import { TraitlineError, type ColumnType } from '../../contract/index.ts'
import { distributionFromJson, distributionOf, distributionToJson, quantileBins, type Bins } from './bins.ts'
import { short, typeOf, type CheckProgram, type CheckProgramOf, type CheckTarget } from './program.ts'
import { populationStabilityIndex } from './psi.ts'

/**
 * Whether a column's values are distributed as in the last good materialisation, by the population stability index
 * (see `populationStabilityIndex`). A number is put into bins of equal weight in the reference, its quantiles; a
 * boolean or a categorical trait has a bin for each value. Nulls have their own, so that values that go missing are
 * drift too. What is found becomes the reference of later ones.
 */
export const drift: CheckProgramOf<'drift'> = function* (test, target): CheckProgram {
  const { column, threshold, minRows } = test
  const type = typeOf(target, column)
  const reference = distributionFromJson(target.lastGood?.reference ?? null)
  const ownBins = yield* binsOf(target, column, type, test.bins)
  const own = yield* distributionOf(target, column, type, ownBins)
  const kept = { reference: distributionToJson(own) }
  const comparable = reference !== null && reference.bins.kind === ownBins.kind
  if (!comparable || Math.min(own.rows, reference.rows) < minRows) {
    const message = comparable ? `fewer than ${minRows} rows to compare` : 'nothing to compare with yet'
    return { passed: true, failures: null, message, metadata: { threshold, rows: own.rows }, ...kept }
  }
  const actual = yield* distributionOf(target, column, type, reference.bins)
  const value = populationStabilityIndex(reference.shares, actual.shares)
  const passed = value <= threshold
  return {
    passed,
    failures: null,
    message: passed
      ? null
      : `the distribution of ${column} moved: PSI ${short(value)}, at most ${short(threshold)} may be`,
    metadata: { value, threshold, rows: own.rows, bins: actual.shares.length, referenceRows: reference.rows },
    ...kept,
  }
}

type BinsOfType = (
  target: CheckTarget,
  column: string,
  count: number,
) => Generator<never, Bins> | ReturnType<typeof quantileBins>

function* booleans(): Generator<never, Bins> {
  return { kind: 'values', values: ['true', 'false'] }
}

function* declared(target: CheckTarget, column: string): Generator<never, Bins> {
  const values = target.categoriesOf(column)
  if (values === null) throw notComparable(column, 'text')
  return { kind: 'values', values }
}

const byType: Partial<Record<ColumnType, BinsOfType>> = {
  number: quantileBins,
  integer: quantileBins,
  boolean: booleans,
  text: declared,
}

function* binsOf(target: CheckTarget, column: string, type: ColumnType, count: number) {
  const bins = byType[type]
  if (bins === undefined) throw notComparable(column, type)
  return yield* bins(target, column, count)
}

function notComparable(column: string, type: ColumnType): TraitlineError {
  return new TraitlineError({
    code: 'CHECK_INVALID',
    message: `${column} is ${type}, whose values no trait declares: there are no bins to compare`,
    hint: 'Check the drift of a number, a boolean, or a categorical trait.',
    blame: 'user',
  })
}
