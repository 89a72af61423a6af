import type { ColumnStatistics } from '../../../orchestrator/server/api.ts'
import { formatCompact, formatCount, formatNumber, formatPercent, plural } from '../lib/format.ts'

/** What the values of a materialisation look like. */
export function Statistics({
  statistics,
  unit,
}: {
  readonly statistics: readonly ColumnStatistics[]
  readonly unit: string | null
}) {
  return (
    <div className={statistics.length === 1 ? 'stats stats-one' : 'stats'}>
      {statistics.map((column) => (
        <figure key={column.column} className="stat">
          <figcaption>
            <span className="stat-name">{column.column}</span>
            <span className="muted">{coverage(column)}</span>
          </figcaption>
          {column.numeric !== null && <Histogram column={column} numeric={column.numeric} unit={unit} />}
          {column.categories !== null && column.categories.length > 0 && (
            <Categories categories={column.categories} count={column.count} />
          )}
          {column.numeric === null && (column.categories === null || column.categories.length === 0) && (
            <p className="muted">{plural(column.distinct, 'distinct value')}</p>
          )}
        </figure>
      ))}
    </div>
  )
}

function coverage({ count, nulls }: ColumnStatistics): string {
  const total = count + nulls
  return nulls === 0
    ? `${formatCount(count)} values`
    : `${formatCount(count)} values, ${formatPercent(nulls, total)} missing`
}

function Histogram({
  column,
  numeric,
  unit,
}: {
  readonly column: ColumnStatistics
  readonly numeric: NonNullable<ColumnStatistics['numeric']>
  readonly unit: string | null
}) {
  const { histogram, min, max, mean, quantiles } = numeric
  const most = Math.max(1, ...histogram.map(({ count }) => count))
  const width = 100 / Math.max(1, histogram.length)
  const withUnit = (value: number) => (unit === null ? formatNumber(value) : `${formatNumber(value)} ${unit}`)
  const place = (value: number) => (max === min ? 50 : (100 * (value - min)) / (max - min))
  const summary = `Distribution of ${column.column}: from ${withUnit(min)} to ${withUnit(max)}, median ${withUnit(quantiles[2])}`
  return (
    <>
      <svg className="histogram" role="img" aria-label={summary}>
        {histogram.map((bucket, at) => {
          // The square root keeps the few in a long tail visible beside the many.
          const height = bucket.count === 0 ? 0 : Math.max(2, 100 * Math.sqrt(bucket.count / most))
          return (
            <rect
              key={at}
              x={`${at * width + width * 0.06}%`}
              y={`${100 - height}%`}
              width={`${width * 0.88}%`}
              height={`${height}%`}
              rx="1.5"
            >
              <title>{`${formatNumber(bucket.from)} to ${formatNumber(bucket.to)}: ${formatCount(bucket.count)}`}</title>
            </rect>
          )
        })}
        <line
          className="histogram-median"
          x1={`${place(quantiles[2])}%`}
          x2={`${place(quantiles[2])}%`}
          y1="0"
          y2="100%"
        />
      </svg>
      <div className="histogram-axis" aria-hidden="true">
        <span>{formatNumber(min)}</span>
        <span>{withUnit(max)}</span>
      </div>
      <dl className="numbers">
        {(
          [
            ['5 %', quantiles[0]],
            ['25 %', quantiles[1]],
            ['Median', quantiles[2]],
            ['75 %', quantiles[3]],
            ['95 %', quantiles[4]],
            ['Mean', mean],
          ] as const
        ).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{formatNumber(value)}</dd>
          </div>
        ))}
      </dl>
      <p className="hint">Heights by the square root of the count. The line is the median.</p>
    </>
  )
}

const shownCategories = 12

function Categories({
  categories,
  count,
}: {
  readonly categories: NonNullable<ColumnStatistics['categories']>
  readonly count: number
}) {
  const most = Math.max(1, ...categories.map((category) => category.count))
  const rest = categories.slice(shownCategories).reduce((sum, category) => sum + category.count, 0)
  return (
    <ul className="categories">
      {categories.slice(0, shownCategories).map((category) => (
        <li key={category.value}>
          <span className="category-name">{category.value}</span>
          <span className="category-track">
            <span className="category-bar" style={{ width: `${(100 * category.count) / most}%` }} />
          </span>
          <span className="num">{formatCompact(category.count)}</span>
          <span className="num muted">{formatPercent(category.count, count)}</span>
        </li>
      ))}
      {rest > 0 && <li className="muted">and {formatCount(rest)} more in other categories</li>}
    </ul>
  )
}
