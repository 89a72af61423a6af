import type { AutomationCondition, RetryPolicy, SourceLocation } from '../contract/index.ts'
import { madeCheck, type Check } from './asset-check.ts'
import { automationShape, type Automation } from './automation.ts'
import { madeFreshness, type Freshness } from './freshness.ts'
import {
  between,
  kindsAsWords,
  like,
  listOf,
  object,
  oneOf,
  optional,
  recordOf,
  shape,
  text,
  whole,
  type Shape,
  type Shapes,
} from './shape.ts'

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
  | 'resource'
  | 'project'
  | 'sensor'
  | 'webhook'

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
  /**
   * Pools of which its step needs a slot before it begins: all of them at once. Their limits stand in the project, as
   * `pools`, and `traitline pools set` changes them while everything runs.
   */
  readonly pools?: readonly string[]
  /** How it is tried again when it fails. Without it, what is nobody's fault is tried three times. */
  readonly retry?: RetryOptions
  /** When it is materialised by itself, such as `automation.eager()`; else only when someone asks. */
  readonly automation?: Automation
  /**
   * The key it had before: `formerly: 'trait/ltv'`. When that is deployed, its history, status and ledger go on under
   * the new name. Leave it where it is until every environment has it. A dbt model says it in its YAML, as
   * `meta: { formerly: model/shop/old }`.
   */
  readonly formerly?: string
}

/**
 * ```ts
 * retry: { attempts: 5, delaySeconds: 10, backoff: 2, jitter: 0.2 } // after 10, 20, 40 and 80 s, each give or take a fifth
 * retry: { attempts: 2, on: 'any' } // a notebook that may simply be tried once more
 * ```
 */
export interface RetryOptions {
  /** How often it is tried at most, the first time included. */
  readonly attempts: number
  /** Before the second attempt; default 2. */
  readonly delaySeconds?: number
  /** By how much each wait is longer than the one before; default 2. */
  readonly backoff?: number
  /** Lengthens or shortens each wait by up to this share of it, from 0 to 1; default 0. */
  readonly jitter?: number
  /**
   * `system`, the default: what a person does not have to mend, such as a lost connection. `any`: whatever fails, save
   * what says itself that it is of no use.
   */
  readonly on?: 'system' | 'any'
}

const retryOptions = object({
  attempts: like(whole(1, 1_000), 'retry: { attempts: 5 }'),
  delaySeconds: optional(between(0, 86_400)),
  backoff: optional(between(1, 100)),
  jitter: optional(between(0, 1)),
  on: optional(oneOf(['system', 'any'])),
} satisfies Shapes<RetryOptions>)

export const assetOptions = {
  description: optional(text),
  owners: optional(listOf('texts', text)),
  tags: optional(recordOf('texts', text)),
  group: optional(text),
  checks: optional(listOf('checks', madeCheck)),
  freshness: optional(madeFreshness),
  pools: optional(listOf('texts', text)),
  retry: optional(retryOptions),
  automation: optional(automationShape),
  formerly: optional(text),
} satisfies Shapes<AssetOptions>

/** AssetOptions with nothing left out. */
export interface AssetInfo {
  readonly description: string | null
  readonly owners: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  readonly group: string | null
  readonly checks: readonly Check[]
  readonly freshness: Freshness | null
  readonly pools: readonly string[]
  readonly retry: RetryPolicy | null
  readonly automation: AutomationCondition | null
  readonly formerly: string | null
}

export function assetInfo(options: AssetOptions): AssetInfo {
  return {
    description: options.description ?? null,
    owners: Object.freeze([...(options.owners ?? [])]),
    tags: Object.freeze({ ...options.tags }),
    group: options.group ?? null,
    checks: Object.freeze([...(options.checks ?? [])]),
    freshness: options.freshness ?? null,
    pools: Object.freeze([...(options.pools ?? [])]),
    retry: options.retry === undefined ? null : Object.freeze({ ...usualRetry, ...options.retry }),
    automation: options.automation?.condition ?? null,
    formerly: options.formerly ?? null,
  }
}

const usualRetry = { delaySeconds: 2, backoff: 2, jitter: 0, on: 'system' } as const

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
