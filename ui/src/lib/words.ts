import {
  nameOf,
  type AssetKey,
  type Literal,
  type MappedReference,
  type MappedValue,
  type Predicate,
  type StaleReason,
  type Test,
  type TraitType,
} from '../../../orchestrator/contract/index.ts'
import { formatNumber } from './format.ts'

/** Definitions and decisions as people would say them: pure. */

/** What values a trait takes. */
export function traitInWords(trait: TraitType): string {
  if (trait.type === 'boolean') return 'Yes or no'
  if (trait.type === 'categorical') return `One of ${listed(trait.categories, 'or')}`
  const number = trait.integer ? 'A whole number' : 'A number'
  const unit = trait.unit === null ? '' : ` of ${trait.unit}`
  const range = rangeInWords(trait.min, trait.max)
  const digits = trait.integer ? '' : `, to ${trait.precision} ${trait.precision === 1 ? 'decimal' : 'decimals'}`
  return `${number}${unit}${range}${digits}`
}

function rangeInWords(min: number | null, max: number | null): string {
  if (min !== null && max !== null) return ` from ${formatNumber(min)} to ${formatNumber(max)}`
  if (min !== null) return `, at least ${formatNumber(min)}`
  if (max !== null) return `, at most ${formatNumber(max)}`
  return ''
}

/** The verb and object of a comparison: `is at least 500 USD`. */
export function testInWords(test: Test, unit: string | null = null): string {
  const value = (literal: Literal) => literalInWords(literal, unit)
  switch (test.is) {
    case 'eq':
      return `is ${value(test.value)}`
    case 'ne':
      return `is not ${value(test.value)}`
    case 'gt':
      return `is more than ${value(test.value)}`
    case 'gte':
      return `is at least ${value(test.value)}`
    case 'lt':
      return `is less than ${value(test.value)}`
    case 'lte':
      return `is at most ${value(test.value)}`
    case 'between':
      return `is from ${formatNumber(test.from)} to ${value(test.to)}`
    case 'in':
      return `is ${listed(test.values.map(value), 'or')}`
    case 'not_in':
      return `is neither ${listed(test.values.map(value), 'nor')}`
    case 'null':
      return 'is not known'
    case 'not_null':
      return 'is known'
  }
}

function literalInWords(literal: Literal, unit: string | null): string {
  if (typeof literal === 'boolean') return literal ? 'yes' : 'no'
  if (typeof literal === 'number') return unit === null ? formatNumber(literal) : `${formatNumber(literal)} ${unit}`
  return literal
}

/** A whole predicate in one line: `value tier is gold and churn propensity is at least 0.5`. */
export function predicateInWords(
  predicate: Predicate,
  unitOf: (trait: AssetKey) => string | null = () => null,
): string {
  const inner = (node: Predicate): string => {
    const text = predicateInWords(node, unitOf)
    return node.op === 'all' || node.op === 'any' ? `(${text})` : text
  }
  switch (predicate.op) {
    case 'all':
      return predicate.of.length === 0 ? 'everyone' : predicate.of.map(inner).join(' and ')
    case 'any':
      return predicate.of.length === 0 ? 'no one' : predicate.of.map(inner).join(' or ')
    case 'not':
      return `not ${inner(predicate.of)}`
    case 'compare':
      return `${spaced(predicate.trait)} ${testInWords(predicate.test, unitOf(predicate.trait))}`
    case 'in_audience':
      return `is in ${spaced(predicate.audience)}`
  }
}

function spaced(key: AssetKey): string {
  return nameOf(key).replaceAll('_', ' ')
}

/** Why an asset is stale or was planned. Reasons of versions to come are shown as they are named. */
export function reasonInWords(reason: {
  readonly type: StaleReason['type'] | (string & {})
  readonly upstream?: AssetKey | undefined
}): string {
  const upstream = reason.upstream ?? 'an upstream'
  const words: Readonly<Record<string, string>> = {
    never_materialized: 'never materialised',
    code_changed: 'its definition changed',
    upstream_changed: `${upstream} changed`,
    upstream_may_change: `${upstream} runs first and may change`,
    last_attempt_failed: 'the last attempt failed',
    warehouse_changed: 'another warehouse is in use',
    destination_changed: 'it goes elsewhere now',
    observe: 'sources are looked at in every run',
    forced: 'forced',
  }
  return words[reason.type] ?? reason.type.replaceAll('_', ' ')
}

const mostReasons = 3

/** Several reasons in one line; beyond a few, their number. */
export function reasonsInWords(reasons: readonly Parameters<typeof reasonInWords>[0][]): string {
  const said = reasons.slice(0, reasons.length === mostReasons + 1 ? undefined : mostReasons).map(reasonInWords)
  const more = reasons.length - said.length
  return more > 0 ? `${said.join('; ')}; and ${more} more` : said.join('; ')
}

/** What fills a field, as it is written in a project: `hashed(email, google)`. */
export function mappedInWords(value: MappedValue): string {
  const list = (values: readonly MappedValue[]): string => values.map(mappedInWords).join(', ')
  const members = (fields: Readonly<Record<string, MappedValue>>): string =>
    Object.entries(fields)
      .map(([name, part]) => `${name}: ${mappedInWords(part)}`)
      .join(', ')
  switch (value.type) {
    case 'key':
      return 'key'
    case 'trait':
      return nameOf(value.trait)
    case 'column':
      return `${nameOf(value.asset)}.${value.column}`
    case 'constant':
      return JSON.stringify(value.value)
    case 'template':
      return value.template
    case 'cast':
      return `cast(${mappedInWords(value.value)}, ${value.to})`
    case 'identifier':
      return `${value.as} for ${value.for}(${mappedInWords(value.value)})`
    case 'coalesce':
      return `coalesce(${list(value.values)})`
    case 'choice':
      return `choose(${mappedInWords(value.value)}, { ${members(value.cases)} }, ${mappedInWords(value.otherwise)})`
    case 'object':
      return `{ ${members(value.fields)} }`
    case 'list':
      return `[${list(value.items)}]`
    case 'bookkeeping':
      return { synced_at: 'syncedAt()', run: 'runId()', sync: 'syncName()' }[value.what]
  }
}

/** A template in parts, so that its variables can be shown as what they stand for. */
export function templateParts(mapped: Extract<MappedValue, { type: 'template' }>): readonly {
  readonly text: string
  readonly variable: MappedReference | null
}[] {
  const parts = []
  let at = 0
  for (const match of mapped.template.matchAll(/\{\{-?\s*([A-Za-z_]\w*)([^}]*?)-?\}\}/g)) {
    if (match.index > at) parts.push({ text: mapped.template.slice(at, match.index), variable: null })
    const name = match[1] ?? ''
    parts.push({ text: `${name}${match[2] ?? ''}`.trim(), variable: mapped.variables[name] ?? null })
    at = match.index + match[0].length
  }
  if (at < mapped.template.length) parts.push({ text: mapped.template.slice(at), variable: null })
  return parts
}

/** `a`, `a or b`, `a, b or c`. */
export function listed(items: readonly string[], conjunction: string): string {
  if (items.length <= 1) return items.join('')
  return `${items.slice(0, -1).join(', ')} ${conjunction} ${items.at(-1)}`
}
