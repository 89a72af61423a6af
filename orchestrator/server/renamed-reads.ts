import type { AssetKey, AssetState, AssetStates } from '../contract/index.ts'
import type { PlanReads } from './read-plan.ts'

/**
 * The record as it will be once a working copy is deployed that gives assets other keys: their history is under the
 * new ones, and their tables are yet to be made under the new names.
 */
export function underNewKeys(
  record: PlanReads,
  renamed: readonly { readonly from: AssetKey; readonly to: AssetKey }[],
): PlanReads {
  if (renamed.length === 0) return record
  const [before, after] = [
    new Map(renamed.map(({ from, to }) => [to, from])),
    new Map(renamed.map(({ from, to }) => [from, to])),
  ]
  const old = (key: AssetKey): AssetKey => before.get(key) ?? key
  const now = (key: AssetKey): AssetKey => after.get(key) ?? key
  const { assets, partitions, revisions, runs, syncs } = record
  const stateNow = (key: AssetKey, { latest, lastAttempt }: AssetState): AssetState => {
    if (latest === null) return { key, latest, lastAttempt }
    const upstream = Object.fromEntries(
      Object.entries(latest.upstream).map(([read, version]) => [now(read as AssetKey), version]),
    )
    const codeVersion = before.has(key) ? `renamed:${latest.codeVersion}` : latest.codeVersion
    return { key, latest: { ...latest, upstream, codeVersion }, lastAttempt }
  }
  return {
    runs,
    partitions: {
      keys: partitions.keys,
      runs: (scope, key, of) => partitions.runs(scope, old(key), of),
      failing: (scope, key, limit) => partitions.failing(scope, old(key), limit),
      async states(scope, key, keys) {
        const states = await partitions.states(scope, old(key), keys)
        return new Map([...states].map(([partition, state]) => [partition, stateNow(key, state)]))
      },
      async totals(scope, keys) {
        return new Map([...(await partitions.totals(scope, keys.map(old)))].map(([key, counts]) => [now(key), counts]))
      },
    },
    assets: {
      async states(scope, keys): Promise<AssetStates> {
        const states = await assets.states(scope, keys.map(old))
        return Object.fromEntries(keys.map((key) => [key, stateNow(key, states[old(key)]!)]))
      },
      async builds(scope, keys) {
        const builds = await assets.builds(scope, keys.map(old))
        return builds.map((build) => ({ ...build, asset: now(build.asset) }))
      },
    },
    revisions: {
      async specs(scope, number, keys) {
        const specs = await revisions.specs(scope, number, keys.map(old))
        return specs.map((spec) => ({ ...spec, key: now(spec.key) }) as typeof spec)
      },
    },
    syncs: {
      async paused(scope) {
        return (await syncs.paused(scope)).map((row) => ({ ...row, sync: now(row.sync) as typeof row.sync }))
      },
      async owed(scope) {
        return (await syncs.owed(scope)).map((row) => ({ ...row, sync: now(row.sync) as typeof row.sync }))
      },
    },
  }
}
