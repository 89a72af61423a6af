import {
  columnUses,
  type AssetKey,
  type AssetLineage,
  type ColumnDependency,
  type ColumnLineage,
} from '../../contract/index.ts'

/** `[index of the asset, column, uses as bits]`, and 1 more if masked. */
type CompactDependency = readonly [asset: number, column: string, uses: number, masked?: 1]

/** Lineage as it is stored: each asset's key once, uses as bits in the order of `columnUses`. */
export interface CompactLineage {
  readonly keys: readonly AssetKey[]
  readonly assets: readonly {
    readonly o?: 1
    readonly c: Readonly<Record<string, readonly CompactDependency[]>>
    readonly r?: readonly CompactDependency[]
    readonly w?: readonly string[]
  }[]
}

export function toCompact({ assets }: ColumnLineage): CompactLineage {
  const keys = assets.map(({ asset }) => asset)
  const place = new Map(keys.map((key, index) => [key, index]))
  const dependency = ({ asset, column, uses, masked }: ColumnDependency): CompactDependency[] => {
    const at = place.get(asset)
    if (at === undefined) return []
    const bits = uses.reduce((sum, use) => sum | (1 << columnUses.indexOf(use)), 0)
    return [masked === true ? [at, column, bits, 1] : [at, column, bits]]
  }
  return {
    keys,
    assets: assets.map(({ precision, columns, rows, warnings }) => ({
      ...(precision === 'opaque' ? { o: 1 as const } : {}),
      c: Object.fromEntries(Object.entries(columns).map(([name, list]) => [name, list.flatMap(dependency)])),
      ...(rows.length > 0 ? { r: rows.flatMap(dependency) } : {}),
      ...(warnings.length > 0 ? { w: warnings } : {}),
    })),
  }
}

export function fromCompact({ keys, assets }: CompactLineage): ColumnLineage {
  const dependency = ([at, column, bits, masked]: CompactDependency): ColumnDependency => ({
    asset: keys[at] as AssetKey,
    column,
    uses: columnUses.filter((_, index) => (bits & (1 << index)) !== 0),
    ...(masked === 1 ? { masked: true as const } : {}),
  })
  return {
    assets: assets.map(({ o, c, r = [], w = [] }, index): AssetLineage => ({
      asset: keys[index] as AssetKey,
      precision: o === 1 ? 'opaque' : 'columns',
      columns: Object.fromEntries(Object.entries(c).map(([name, list]) => [name, list.map(dependency)])),
      rows: r.map(dependency),
      warnings: w,
    })),
  }
}
