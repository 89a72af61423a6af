import type { AssetKey, AssetSpec, ColumnDependency, ColumnUse } from '../../contract/index.ts'
import { columnUses } from '../../contract/index.ts'
import { relationName, type ParsedDependency } from './queries.ts'

const useOf: Readonly<Record<string, ColumnUse>> = {
  I: 'IDENTITY',
  T: 'TRANSFORMATION',
  A: 'AGGREGATION',
  J: 'JOIN',
  G: 'GROUP_BY',
  F: 'FILTER',
  S: 'SORT',
  W: 'WINDOW',
  C: 'CONDITIONAL',
}

/** Turns tables into assets, and columns into how they are spelt there. */
export interface Translator {
  dependencies(parsed: readonly ParsedDependency[]): ColumnDependency[]
  /** Tables that were read and are no asset's. */
  readonly strangers: ReadonlySet<string>
}

export interface Tables {
  readonly byName: ReadonlyMap<string, AssetKey>
  readonly spelling: ReadonlyMap<AssetKey, ReadonlyMap<string, string>>
}

export function tablesOf(assets: readonly AssetSpec[]): Tables {
  return {
    byName: new Map(
      assets.flatMap(({ key, relation }) => (relation === null ? [] : [[relationName(relation), key] as const])),
    ),
    spelling: new Map(
      assets.map(({ key, columns }) => [key, new Map(columns.map(({ name }) => [name.toLowerCase(), name]))]),
    ),
  }
}

export function createTranslator({ byName, spelling }: Tables): Translator {
  const strangers = new Set<string>()
  return {
    strangers,
    dependencies: (parsed) =>
      parsed.flatMap(([table, column, kinds]) => {
        const asset = byName.get(table)
        if (asset === undefined) {
          strangers.add(table)
          return []
        }
        // Every column of a table whose columns nobody knows: told by a warning, not by a name.
        if (column === '*') return []
        const name = spelling.get(asset)?.get(column) ?? column
        return [dependency(asset, name, kinds)]
      }),
  }
}

function dependency(asset: AssetKey, column: string, kinds: readonly string[]): ColumnDependency {
  const found = new Set(kinds.map((kind) => useOf[kind.charAt(0)]))
  const uses = columnUses.filter((use) => found.has(use))
  const masked = kinds.some((kind) => 'ITA'.includes(kind.charAt(0))) && kinds.every((kind) => isMasked(kind))
  return { asset, column, uses, ...(masked ? { masked } : {}) }
}

function isMasked(kind: string): boolean {
  return kind.endsWith('m') || !'ITA'.includes(kind.charAt(0))
}

/** Several mentions of a column as one, in order of first mention. */
export function joined(dependencies: readonly ColumnDependency[]): ColumnDependency[] {
  const byColumn = new Map<string, ColumnDependency>()
  for (const each of dependencies) {
    const id = `${each.asset}\0${each.column}`
    const other = byColumn.get(id)
    if (other === undefined) byColumn.set(id, each)
    else {
      const { asset, column } = each
      const uses = columnUses.filter((use) => each.uses.includes(use) || other.uses.includes(use))
      const masked = each.masked === true && other.masked === true
      byColumn.set(id, { asset, column, uses, ...(masked ? { masked } : {}) })
    }
  }
  return [...byColumn.values()]
}
