import type { AssetKey } from './asset-key.ts'

/**
 * SQL text with holes where assets are referenced: `strings[0] refs[0] strings[1] ...`.
 * The references become relations when the SQL is compiled for a warehouse, and edges of the graph.
 */
export interface SqlTemplate {
  readonly strings: readonly string[]
  readonly refs: readonly AssetKey[]
}
