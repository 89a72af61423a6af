import { assetKinds, type AssetKey, type AssetKind } from '../../contract/index.ts'
import type { GraphAsset } from '../graph.ts'

/** What selections ask of an asset. */
export interface SelectableAsset extends GraphAsset {
  readonly kind: AssetKind
  readonly group: string | null
  readonly owners: readonly string[]
  readonly tags: Readonly<Record<string, string>>
}

export interface Term {
  matches(asset: SelectableAsset): boolean
  /** What stood there instead, for a message: the values that exist. */
  candidates(assets: readonly SelectableAsset[]): string[]
}

type Attribute = (value: string) => Term

/** `kind:`, `tag:` ...: each answers for itself. A term without a prefix is a key. */
const attributes: Readonly<Record<string, Attribute>> = {
  kind: (value) => {
    const matches = glob(value)
    return {
      matches: (asset) => matches(asset.kind),
      candidates: () => assetKinds.map((kind) => `kind:${kind}`),
    }
  },
  group: (value) => {
    const matches = glob(value)
    return {
      matches: (asset) => asset.group !== null && matches(asset.group),
      candidates: (assets) => assets.flatMap((asset) => (asset.group === null ? [] : [`group:${asset.group}`])),
    }
  },
  owner: (value) => {
    const matches = glob(value)
    return {
      matches: (asset) => asset.owners.some(matches),
      candidates: (assets) => assets.flatMap((asset) => asset.owners.map((owner) => `owner:${owner}`)),
    }
  },
  tag: (value) => {
    const equals = value.indexOf('=')
    const matchesName = glob(equals < 0 ? value : value.slice(0, equals))
    const matchesValue = equals < 0 ? () => true : glob(value.slice(equals + 1))
    return {
      matches: (asset) => Object.entries(asset.tags).some(([tag, text]) => matchesName(tag) && matchesValue(text)),
      candidates: (assets) =>
        assets.flatMap((asset) =>
          Object.entries(asset.tags).map(([tag, text]) => (equals < 0 ? `tag:${tag}` : `tag:${tag}=${text}`)),
        ),
    }
  },
}

export const attributeNames = Object.keys(attributes)

/** Undefined for a prefix that is none of ours. */
export function readTerm(text: string): Term | undefined {
  const colon = text.indexOf(':')
  if (colon >= 0) return attributes[text.slice(0, colon)]?.(text.slice(colon + 1))
  const matches = glob(text)
  return {
    matches: (asset) => matches(asset.key),
    candidates: (assets) => assets.map((asset): AssetKey => asset.key),
  }
}

/** `*` stands for any text, slashes included. */
function glob(pattern: string): (text: string) => boolean {
  if (!pattern.includes('*')) return (text) => text === pattern
  const source = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  const expression = new RegExp(`^${source.join('.*')}$`, 's')
  return (text) => expression.test(text)
}
