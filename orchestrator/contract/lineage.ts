import type { AssetKey } from './asset-key.ts'

/** How a column's value is made of another's, as OpenLineage names it. */
export const directUses = ['IDENTITY', 'TRANSFORMATION', 'AGGREGATION'] as const
/** How a column decides something without being in the value: which rows there are, or which branch is taken. */
export const indirectUses = ['JOIN', 'GROUP_BY', 'FILTER', 'SORT', 'WINDOW', 'CONDITIONAL'] as const
export const columnUses = [...directUses, ...indirectUses] as const

export type ColumnUse = (typeof columnUses)[number]

export function isDirect(use: ColumnUse): boolean {
  return (directUses as readonly ColumnUse[]).includes(use)
}

/** A column of an asset's table; of a sync, a field of its destination. */
export interface ColumnRef {
  readonly asset: AssetKey
  readonly column: string
}

/** A column that is read, each use once. */
export interface ColumnDependency extends ColumnRef {
  readonly uses: readonly ColumnUse[]
  /** The value cannot be had back from what is made of it: it was counted or hashed. */
  readonly masked?: true
}

/** What one asset's columns and rows depend on: one step up, in its inputs. */
export interface AssetLineage {
  readonly asset: AssetKey
  /** `opaque` where nobody can look inside: then each column may depend on each column of each input. */
  readonly precision: 'columns' | 'opaque'
  /** By column of this asset. */
  readonly columns: Readonly<Record<string, readonly ColumnDependency[]>>
  /** What decides which rows there are. */
  readonly rows: readonly ColumnDependency[]
  /** What could not be told, in words: `the columns of raw.events, which it takes with a pattern, are not known`. */
  readonly warnings: readonly string[]
}

/** The column lineage of a revision, in the order of its manifest. */
export interface ColumnLineage {
  readonly assets: readonly AssetLineage[]
}

/**
 * What deploying found out about a model's code: SQL without templates, the columns of a file, or why there is
 * neither.
 */
export interface ModelCode {
  readonly sql?: string
  readonly columns?: readonly string[]
  readonly reason?: string
}

export type ModelCodes = Readonly<Record<AssetKey, ModelCode>>

/** What a project decides of the events that are sent to an OpenLineage endpoint; where they go is the environment's. */
export interface OpenLineageSettings {
  /** Namespace of its jobs; OPENLINEAGE_NAMESPACE, or `traitline/<environment>`, otherwise. */
  readonly namespace?: string
  /** False keeps the text of queries back. */
  readonly sql?: boolean
}
