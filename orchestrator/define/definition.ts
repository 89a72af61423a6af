import type { SourceLocation } from '../contract/index.ts'
import { madeCheck, type Check } from './asset-check.ts'
import { madeFreshness, type Freshness } from './freshness.ts'
import { kindsAsWords, listOf, optional, recordOf, shape, text, type Shape, type Shapes } from './shape.ts'

const brand = Symbol.for('traitline.definition')

export type DefinitionKind =
  | 'entity'
  | 'source'
  | 'dbt'
  | 'model'
  | 'notebook'
  | 'trait'
  | 'user_model'
  | 'audience'
  | 'destination'
  | 'sync'
  | 'project'

/**
 * What a project is written in: plain frozen data. Whatever it needs is in `refs`, so that a project holds all that
 * is referenced without naming it.
 */
export interface Definition {
  readonly kind: DefinitionKind
  readonly name: string
  readonly refs: readonly Definition[]
  readonly definedAt: SourceLocation | null
}

/** What every asset may say of itself. */
export interface AssetOptions {
  readonly description?: string
  /** Teams or people, as your company names them. */
  readonly owners?: readonly string[]
  readonly tags?: Readonly<Record<string, string>>
  /** Where it stands in the graph's view; its kind, if nothing is said. */
  readonly group?: string
  /** Evaluated whenever it has been materialised: see `check`. */
  readonly checks?: readonly Check[]
  /** How fresh it has to be: see `freshWithin` and `freshBy`. */
  readonly freshness?: Freshness
}

export const assetOptions = {
  description: optional(text),
  owners: optional(listOf('texts', text)),
  tags: optional(recordOf('texts', text)),
  group: optional(text),
  checks: optional(listOf('checks', madeCheck)),
  freshness: optional(madeFreshness),
} satisfies Shapes<AssetOptions>

/** AssetOptions with nothing left out. */
export interface AssetInfo {
  readonly description: string | null
  readonly owners: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  readonly group: string | null
  readonly checks: readonly Check[]
  readonly freshness: Freshness | null
}

export function assetInfo(options: AssetOptions): AssetInfo {
  return {
    description: options.description ?? null,
    owners: Object.freeze([...(options.owners ?? [])]),
    tags: Object.freeze({ ...options.tags }),
    group: options.group ?? null,
    checks: Object.freeze([...(options.checks ?? [])]),
    freshness: options.freshness ?? null,
  }
}

/**
 * Brands and freezes data. Methods go on its prototype: data alone is enumerable, and two definitions of one kind
 * share them.
 */
export function branded<Data extends object, Methods extends object>(
  data: Data,
  methods: Methods,
): Readonly<Data> & Methods {
  const object = Object.assign(Object.create(methods) as Methods, data)
  Object.defineProperty(object, brand, { value: true })
  return Object.freeze(object)
}

/** Recognises definitions of every copy of this package in the process. */
export function isDefinition(value: unknown): value is Definition {
  return typeof value === 'object' && value !== null && brand in value
}

/** A definition of one of these kinds. One that is missing is often still to be made when it is asked for. */
export function definitionOf(...kinds: readonly [DefinitionKind, ...DefinitionKind[]]): Shape<false> {
  return {
    ...shape(kindsAsWords(kinds), (value) => isDefinition(value) && kinds.includes(value.kind)),
    whenMissing: 'If two files import each other, move what both need into a third',
  }
}
