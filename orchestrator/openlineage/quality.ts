import type { AssetSpec, CheckResult, ColumnStatistics, JsonObject } from '../contract/index.ts'
import type { OpenLineageContext } from './context.ts'

/** What a materialisation's checks and statistics say of it: numbers of columns that hold nothing personal. */
export function qualityFacets(
  asset: AssetSpec,
  made: {
    readonly rows: number | null
    readonly statistics: readonly ColumnStatistics[]
    readonly checks: readonly CheckResult[]
  },
  context: OpenLineageContext,
): JsonObject {
  const columns = made.statistics.map((each) => [each.column, metrics(each, context.isPersonal(asset, each.column))])
  const assertions = made.checks.map((check) => assertion(check, asset))
  return {
    ...(columns.length > 0
      ? {
          dataQualityMetrics: context.facet('dataQualityMetrics', {
            ...(made.rows === null ? {} : { rowCount: made.rows }),
            columnMetrics: Object.fromEntries(columns) as JsonObject,
          }),
        }
      : {}),
    ...(assertions.length > 0 ? { dataQualityAssertions: context.facet('dataQualityAssertions', { assertions }) } : {}),
  }
}

const quantiles = ['0.05', '0.25', '0.5', '0.75', '0.95']

function metrics({ nulls, distinct, count, numeric }: ColumnStatistics, personal: boolean): JsonObject {
  const counts = { nullCount: nulls, distinctCount: distinct, count }
  if (personal || numeric === null) return counts
  return {
    ...counts,
    min: numeric.min,
    max: numeric.max,
    quantiles: Object.fromEntries(quantiles.map((name, at) => [name, numeric.quantiles[at] ?? 0])),
  }
}

/** Its message may speak of values; that it failed, and how often, does not. */
function assertion({ name, passed, severity, failures }: CheckResult, asset: AssetSpec): JsonObject {
  const { type, column } = declared(name, asset) ?? generic(name, asset)
  return {
    assertion: type,
    success: passed,
    severity,
    name,
    ...(column === null ? {} : { column }),
    ...(failures === null ? {} : { actual: String(failures) }),
  }
}

interface Tested {
  readonly type: string
  readonly column: string | null
}

function declared(name: string, { checks = [] }: AssetSpec): Tested | null {
  const test = checks.find((check) => check.name === name)?.test
  return test === undefined ? null : { type: test.type, column: 'column' in test ? test.column : null }
}

/** dbt names its generic tests by what they test, the model and the column: `not_null_customers_customer_id`. */
function generic(name: string, { columns }: AssetSpec): Tested {
  const type = ['not_null', 'unique', 'accepted_values', 'relationships'].find((each) => name.startsWith(`${each}_`))
  if (type === undefined) return { type: name, column: null }
  const column = columns.find((each) => name.endsWith(`_${each.name}`) || name.includes(`_${each.name}__`))
  return { type, column: column?.name ?? null }
}
