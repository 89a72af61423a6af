/**
 * Asset keys read `kind/name` with more segments where a kind needs them:
 * `trait/lifetime_value`, `model/shop/customers`, `sync/at_risk_to_slack`.
 */

export const assetKinds = ['source', 'model', 'notebook', 'trait', 'user_model', 'audience', 'sync'] as const

export type AssetKind = (typeof assetKinds)[number]

export type AssetKey = `${AssetKind}/${string}`

/** One segment of a key: lower case, digits and underscores, at most 63 characters (Postgres' identifier limit). */
export const assetNamePattern = /^[a-z][a-z0-9_]{0,62}$/

export function assetKey(kind: AssetKind, ...segments: readonly string[]): AssetKey {
  return `${kind}/${segments.join('/')}`
}

export function kindOf(key: AssetKey): AssetKind {
  return key.slice(0, key.indexOf('/')) as AssetKind
}

/** The last segment: `customers` of `model/shop/customers`. */
export function nameOf(key: AssetKey): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

export function isAssetKey(text: string): text is AssetKey {
  const [kind, ...segments] = text.split('/')
  return (
    (assetKinds as readonly string[]).includes(kind ?? '') &&
    segments.length > 0 &&
    segments.every((segment) => assetNamePattern.test(segment))
  )
}
