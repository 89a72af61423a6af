/** Shares below this count as this: the logarithm of nothing is infinite, and one row in an empty bin is no drift. */
const leastShare = 1e-4

/**
 * The population stability index of two distributions over the same bins: the sum over all bins of
 * `(actual - expected) * ln(actual / expected)`, both as shares. It is 0 for equal ones, never negative, and symmetric
 * (Jeffreys' divergence).
 *
 * The rule of thumb of credit scoring, where it comes from: below 0.1 nothing moved, from 0.1 to 0.25 something did,
 * above 0.25 the population is another one. Source of formula and thresholds: N. Siddiqi, Credit Risk Scorecards
 * (Wiley 2006), "System stability report"; B. Yurdakul, Statistical Properties of Population Stability Index (2018),
 * shows that without any drift its mean is near `(bins - 1) * (1 / n + 1 / m)` for samples of n and m: hence a check
 * asks for some rows before it judges.
 */
export function populationStabilityIndex(expected: readonly number[], actual: readonly number[]): number {
  return expected.reduce((sum, share, bin) => {
    const [e, a] = [Math.max(share, leastShare), Math.max(actual[bin] ?? 0, leastShare)]
    return sum + (a - e) * Math.log(a / e)
  }, 0)
}
