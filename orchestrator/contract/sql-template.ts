import type { AssetKey } from './asset-key.ts'
import type { PartitionValue } from './partitions.ts'

/**
 * SQL text with holes where assets are referenced: `strings[0] refs[0] strings[1] ...`.
 * The references become relations when the SQL is compiled for a warehouse, and edges of the graph.
 */
export interface SqlTemplate {
  readonly strings: readonly string[]
  readonly refs: readonly AssetKey[]
  /** What of the partition that is made stands in the text, in order: bound as parameters. */
  readonly values?: readonly TemplateValue[]
}

/** `offset` characters into `strings[string]`. */
export interface TemplateValue extends PartitionValue {
  readonly string: number
  readonly offset: number
}

/**
 * The template as text, for who reads it without running it: tables by name, and `null` for what is only known once a
 * partition is made.
 */
export function templateText(
  { strings, refs, values = [] }: SqlTemplate,
  tableOf: (asset: AssetKey) => string,
): string {
  return strings
    .map((text, index) => {
      const holes = values.filter(({ string }) => string === index)
      const filled = holes.reduceRight((rest, { offset }) => `${rest.slice(0, offset)}null${rest.slice(offset)}`, text)
      const ref = refs[index]
      return ref === undefined ? filled : `${filled}${tableOf(ref)}`
    })
    .join('')
}
