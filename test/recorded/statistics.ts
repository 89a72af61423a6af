import type { ColumnStatistics, TraitSpec } from '../../orchestrator/contract/index.ts'

/** Plausible statistics, the same every time. */

const people = 23_570

export function traitStatistics(spec: TraitSpec): ColumnStatistics[] {
  const column = spec.relation.name.replace(/^trait_/, '')
  const { trait } = spec
  if (trait.type === 'boolean') {
    return [
      categories(column, [
        ['false', 0.71],
        ['true', 0.29],
      ]),
    ]
  }
  if (trait.type === 'categorical') {
    const shares = trait.categories.map((name, at): [string, number] => [name, (at + 1) ** 1.6])
    const sum = shares.reduce((total, [, share]) => total + share, 0)
    return [
      categories(
        column,
        shares.map(([name, share]) => [name, share / sum]),
        1204,
      ),
    ]
  }
  return trait.max === 1 ? [bathtub(column)] : [longTail(column, trait.integer ? 260 : 14_000)]
}

function categories(column: string, shares: readonly (readonly [string, number])[], nulls = 0): ColumnStatistics {
  const count = people - nulls
  const counted = shares.map(([value, share]) => ({ value, count: Math.round(share * count) }))
  return {
    column,
    count,
    nulls,
    distinct: shares.length,
    numeric: null,
    categories: counted.toSorted((a, b) => b.count - a.count),
  }
}

function longTail(column: string, max: number): ColumnStatistics {
  const buckets = 24
  const weights = Array.from({ length: buckets }, (_, at) => Math.exp(-at / 2.6) + (at === 3 ? 0.05 : 0))
  return numeric(
    column,
    0,
    max,
    weights,
    [0.004, 0.011, 0.03, 0.075, 0.24].map((part) => part * max),
    0.068 * max,
  )
}

function bathtub(column: string): ColumnStatistics {
  const weights = Array.from({ length: 20 }, (_, at) => 0.35 + ((at - 7) / 12) ** 2 + (at > 15 ? 0.5 : 0))
  return numeric(column, 0, 1, weights, [0.06, 0.31, 0.62, 0.86, 0.97], 0.58)
}

function numeric(
  column: string,
  min: number,
  max: number,
  weights: readonly number[],
  quantiles: readonly number[],
  mean: number,
): ColumnStatistics {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const width = (max - min) / weights.length
  const [q5 = 0, q25 = 0, q50 = 0, q75 = 0, q95 = 0] = quantiles
  return {
    column,
    count: people,
    nulls: 0,
    distinct: 6_812,
    numeric: {
      min,
      mean,
      max,
      stddev: (max - min) / 9,
      quantiles: [q5, q25, q50, q75, q95],
      histogram: weights.map((weight, at) => ({
        from: min + at * width,
        to: min + (at + 1) * width,
        count: Math.round((weight / sum) * people),
      })),
    },
    categories: null,
  }
}
