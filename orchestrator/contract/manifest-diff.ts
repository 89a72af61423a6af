import type { AssetKey } from './asset-key.ts'

/** The difference between two manifests, by key. */
export interface ManifestDiff {
  readonly added: readonly AssetKey[]
  readonly removed: readonly AssetKey[]
  /** Another code version. */
  readonly changed: readonly AssetKey[]
  /** Same code version; description, owners, tags, group or place differ. */
  readonly described: readonly AssetKey[]
  /** Destinations, entities and settings that differ, in words: `destination crm: config`. */
  readonly settings: readonly string[]
  /** Under another key than before, with their history; neither added nor removed. */
  readonly renamed?: readonly { readonly from: AssetKey; readonly to: AssetKey }[] | undefined
}
