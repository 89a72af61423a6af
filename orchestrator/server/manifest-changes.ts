import type { AssetKey, AssetSpec, JsonValue, Manifest } from '../contract/index.ts'
import type { ManifestDiff } from '../store/store.ts'
import type { AssetChange } from './schemas/revision.ts'

const mostAssets = 200
const mostFields = 20
/** Follow from what is written; shown only where nothing written explains them. */
const derived: ReadonlySet<string> = new Set(['codeVersion', 'deps'])

/** Field by field, what differs in the assets that two revisions share. */
export function assetChanges(before: Manifest, after: Manifest, diff: ManifestDiff): AssetChange[] {
  const earlier = byKey(before)
  const later = byKey(after)
  return [...diff.changed, ...diff.described].slice(0, mostAssets).flatMap((key) => {
    const old = earlier.get(key)
    const now = later.get(key)
    if (old === undefined || now === undefined) return []
    const changed = [...fieldChanges('', asJson(old), asJson(now))]
    const stated = changed.filter(({ path }) => !derived.has(path))
    const fields = stated.length > 0 ? stated : changed.filter(({ path }) => path !== 'codeVersion')
    return [{ key, fields: fields.slice(0, mostFields), more: Math.max(0, fields.length - mostFields) }]
  })
}

type FieldChange = AssetChange['fields'][number]

/**
 * Objects are compared member by member; lists as a whole, since their members have no names to say what moved. SQL and
 * predicates are read as a whole too.
 */
function* fieldChanges(path: string, before: JsonValue, after: JsonValue): Generator<FieldChange> {
  if (isObject(before) && isObject(after) && !isWhole(before) && !isWhole(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const inner = path === '' ? name : `${path}.${name}`
      yield* fieldChanges(inner, before[name] ?? null, after[name] ?? null)
    }
  } else if (JSON.stringify(before) !== JSON.stringify(after)) {
    yield { path, before, after }
  }
}

function isObject(value: JsonValue): value is { readonly [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWhole(value: { readonly [name: string]: JsonValue }): boolean {
  return 'strings' in value || 'op' in value
}

function asJson(spec: AssetSpec): JsonValue {
  return JSON.parse(JSON.stringify(spec)) as JsonValue
}

function byKey(manifest: Manifest): Map<AssetKey, AssetSpec> {
  return new Map(manifest.assets.map((asset) => [asset.key, asset]))
}
