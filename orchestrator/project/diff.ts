import type { AssetKey, AssetSpec, Manifest, ManifestDiff } from '../contract/index.ts'
import { canonicalJson } from '../contract/index.ts'

/** What changed from one manifest to the next; null for none before. Keys in the order of the manifests. */
export function diffManifests(before: Manifest | null, after: Manifest): ManifestDiff {
  const old = new Map<AssetKey, AssetSpec>(before?.assets.map((asset) => [asset.key, asset]))
  const now = new Map<AssetKey, AssetSpec>(after.assets.map((asset) => [asset.key, asset]))
  const kept = after.assets.filter(({ key }) => old.has(key))
  const isChanged = (asset: AssetSpec): boolean => old.get(asset.key)?.codeVersion !== asset.codeVersion
  const renamed = after.assets.flatMap(({ key, formerly }) =>
    formerly !== undefined && old.has(formerly) && !old.has(key) && !now.has(formerly)
      ? [{ from: formerly, to: key }]
      : [],
  )
  const moved = new Set(renamed.flatMap(({ from, to }) => [from, to]))
  return {
    added: after.assets.filter(({ key }) => !old.has(key) && !moved.has(key)).map(({ key }) => key),
    removed: (before?.assets ?? []).filter(({ key }) => !now.has(key) && !moved.has(key)).map(({ key }) => key),
    changed: kept.filter(isChanged).map(({ key }) => key),
    described: kept
      .filter((asset) => !isChanged(asset) && description(asset) !== description(old.get(asset.key)))
      .map(({ key }) => key),
    settings: before === null ? [] : settings(before, after),
    ...(renamed.length > 0 && { renamed }),
  }
}

/** The line alone tells nothing: it moves with every line above it. */
function description(asset: AssetSpec | undefined): string {
  return canonicalJson({ ...asset, definedAt: asset?.definedAt?.file })
}

function settings(before: Manifest, after: Manifest): string[] {
  const scalars = (['timeZone', 'asOf', 'schema'] as const)
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name}: ${before[name] ?? 'the clock'} -> ${after[name] ?? 'the clock'}`)
  return [
    ...scalars,
    ...named('entity', before.entities, after.entities),
    ...named('dbt project', before.dbtProjects, after.dbtProjects),
    ...named('destination', before.destinations, after.destinations),
    ...named('sensor', before.sensors ?? [], after.sensors ?? []),
    ...named('webhook', before.webhooks ?? [], after.webhooks ?? []),
    ...limits(before, after),
  ]
}

/** `pool ads_api: 2 -> 1`. */
function limits(before: Manifest, after: Manifest): string[] {
  const old = new Map(before.pools?.map(({ pool, slots }) => [pool, slots]))
  const now = new Map(after.pools?.map(({ pool, slots }) => [pool, slots]))
  return [...new Set([...now.keys(), ...old.keys()])]
    .filter((pool) => old.get(pool) !== now.get(pool))
    .map((pool) => `pool ${pool}: ${old.get(pool) ?? 'no limit'} -> ${now.get(pool) ?? 'no limit'}`)
}

interface Named {
  readonly name: string
}

/** `destination crm: config, streams`, `entity account: added`. Values are not shown: a config may hold a secret. */
function named(what: string, before: readonly Named[], after: readonly Named[]): string[] {
  const old = new Map(before.map((item) => [item.name, item]))
  const now = new Set(after.map(({ name }) => name))
  return [
    ...after.flatMap((item) => {
      const other = old.get(item.name)
      if (other === undefined) return [`${what} ${item.name}: added`]
      const fields = changedFields(other, item)
      return fields.length > 0 ? [`${what} ${item.name}: ${fields.join(', ')}`] : []
    }),
    ...before.filter(({ name }) => !now.has(name)).map(({ name }) => `${what} ${name}: removed`),
  ]
}

function changedFields(before: object, after: object): string[] {
  const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  return [...new Set([...old.keys(), ...now.keys()])].filter(
    (name) => name !== 'definedAt' && canonicalJson(old.get(name)) !== canonicalJson(now.get(name)),
  )
}
