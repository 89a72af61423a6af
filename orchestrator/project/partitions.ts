import type {
  AssetKey,
  DimensionMapping,
  PartitionDimension,
  PartitionMapping,
  PartitionMappings,
  PartitionsSpec,
  PartitionUnit,
  SqlTemplate,
} from '../contract/index.ts'
import { dimensionMapping, type PartitionRead } from '../define/partitions.ts'
import type { Definition } from '../define/definition.ts'
import {
  counterpartOf,
  defaultMapping,
  mappingProblem,
  parseLocal,
  partitionKeyPattern,
  relationMapping,
  unitMinutes,
  type MappingProblem,
} from '../graph/index.ts'
import { keyOf } from './collect.ts'
import type { Context, Draft } from './context.ts'
import { isTimeZone } from './settings.ts'

/** A draft beside what it was made from. */
export interface Mapped {
  readonly draft: Draft
  readonly definition: Definition
  readonly reads: readonly PartitionRead[]
}

/** Reports what is wrong with a definition of partitions. */
export function checkPartitions(definition: Definition, spec: PartitionsSpec, context: Context): void {
  const report = (reason: string, fix: string): void => context.report(definition, reason, fix)
  if (spec.dimensions.length === 0) report('its partitions have no dimension', 'Give multi() at least one')
  const names = spec.dimensions.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) report(`two dimensions of its partitions are called ${twice}`, 'Rename one of them')
  for (const dimension of spec.dimensions) {
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(dimension.name)) {
      report(`its dimension "${dimension.name}" has another name than letters, digits and _`, 'Rename it')
    }
    const problem = dimensionProblem(dimension)
    if (problem !== null) report(problem.reason, problem.fix)
  }
}

function dimensionProblem(dimension: PartitionDimension): MappingProblem | null {
  if (dimension.type === 'dynamic') return null
  if (dimension.type === 'static') {
    const bad = dimension.keys.find((key) => !partitionKeyPattern.test(key))
    const twice = dimension.keys.find((key, at) => dimension.keys.indexOf(key) !== at)
    if (dimension.keys.length === 0) return { reason: `${dimension.name} has no keys`, fix: 'Name at least one' }
    if (bad !== undefined)
      return { reason: `its key "${bad}" of ${dimension.name} cannot be one`, fix: 'Use letters, digits and _ . : + -' }
    return twice === undefined ? null : { reason: `its key ${twice} stands twice`, fix: 'Name each once' }
  }
  const { every, timeZone, offsetMinutes } = dimension
  if (!isTimeZone(timeZone)) {
    return { reason: `"${timeZone}" is no time zone`, fix: 'Use a name such as Europe/Berlin, or UTC' }
  }
  const bad = [dimension.start, ...(dimension.end === null ? [] : [dimension.end])].find(
    (text) => parseLocal(text) === null,
  )
  if (bad !== undefined) {
    return { reason: `"${bad}" is no local time`, fix: 'Write 2026-01-01 or 2026-01-01T06:00, without a zone' }
  }
  if (Number.isInteger(offsetMinutes) && offsetMinutes >= 0 && offsetMinutes < unitMinutes[every]) return null
  const most = unitMinutes[every] - 1
  return { reason: `an offset of ${offsetMinutes} minutes leaves its ${every}`, fix: `Use 0 to ${most} minutes` }
}

/** Which column of a source tells each dimension; reports those that cannot. */
export function partitionColumns(
  definition: Definition,
  spec: PartitionsSpec,
  by: string | Readonly<Record<string, string>> | null,
  columns: readonly { readonly name: string; readonly type: string }[],
  context: Context,
): Readonly<Record<string, string>> {
  const single = spec.dimensions.length === 1 && typeof by === 'string' ? { [spec.dimensions[0]!.name]: by } : null
  const named = single ?? (typeof by === 'object' && by !== null ? by : {})
  for (const { name, type } of spec.dimensions) {
    const column = columns.find((each) => each.name === named[name])
    const types = type === 'time' ? ['timestamp', 'date'] : ['text']
    if (column === undefined) {
      const said = named[name] === undefined ? 'nothing says' : `it has no column ${named[name]}, which should say`
      context.report(definition, `${said} which rows are of which ${name}`, `Name a column of it: partitionBy: '...'`)
    } else if (!types.includes(column.type)) {
      const fix = `Use a column of type ${types.join(' or ')}`
      context.report(definition, `its column ${column.name} is ${column.type}, and tells no ${name}`, fix)
    }
  }
  return named
}

/** Reports what SQL asks of a partition that it is not run for. */
export function checkPartitionValues(
  definition: Definition,
  template: SqlTemplate,
  spec: PartitionsSpec | null,
  context: Context,
): void {
  const problem = partitionValueProblem(template, spec)
  if (problem !== null) context.report(definition, problem.reason, problem.fix)
}

export function partitionValueProblem(
  { values = [] }: SqlTemplate,
  spec: PartitionsSpec | null,
): MappingProblem | null {
  for (const { value, dimension } of values) {
    if (spec === null) {
      return { reason: 'its SQL asks for the partition, and it has none', fix: 'Say so: partitions: daily(...)' }
    }
    const asked = dimension === null ? null : spec.dimensions.find(({ name }) => name === dimension)
    const names = spec.dimensions.map(({ name }) => name).join(', ')
    if (asked === undefined) {
      return { reason: `its SQL asks for the dimension ${dimension}`, fix: `Its dimensions are ${names}` }
    }
    if (value !== 'key' && (asked ?? spec.dimensions.find(({ type }) => type === 'time'))?.type !== 'time') {
      return { reason: `its SQL asks for the ${value} of what is no time`, fix: 'Ask for the key' }
    }
  }
  return null
}

/** Adds to each draft which partitions it reads, and to what its version is of, what partitions mean to it. */
export function resolveMappings(all: readonly Mapped[], context: Context): Draft[] {
  const specs = new Map(all.map(({ draft }) => [draft.spec.key, draft.spec]))
  return all.map(({ draft, definition, reads }) => {
    const { spec } = draft
    const own = spec.partitions ?? null
    const mappings: Record<AssetKey, PartitionMapping> = {}
    const rules = new Map<AssetKey, PartitionRead>()
    for (const read of reads) {
      const key = keyOf(read.table)
      const other = rules.get(key)
      if (other !== undefined && JSON.stringify(other.rule) !== JSON.stringify(read.rule)) {
        context.report(definition, `it reads partitions of ${key} in two ways`, 'Say it once')
      }
      rules.set(key, read)
    }
    for (const dep of spec.deps) {
      const upstream = specs.get(dep)
      if (upstream?.partitions === undefined) {
        if (rules.has(dep) && upstream !== undefined) {
          context.report(definition, `it reads partitions of ${dep}, which has none`, 'Read it as it is')
        }
        continue
      }
      const mapping = mappingOf(own, upstream.partitions, spec.kind, upstream.kind, rules.get(dep))
      if ('reason' in mapping) {
        const { reason, fix } = mapping as MappingProblem
        context.report(definition, `it cannot read partitions of ${dep}: ${reason}`, fix)
      } else {
        mappings[dep] = mapping as PartitionMapping
        const several = severalValues(spec, upstream, mapping as PartitionMapping)
        if (several !== null) context.report(definition, several.reason, several.fix)
      }
    }
    const used = new Set<string>(spec.deps)
    for (const key of rules.keys()) {
      if (!used.has(key))
        context.report(definition, `it says which partitions of ${key} it reads, and reads none`, 'Take it away')
    }
    return withPartitions(draft, mappings)
  })
}

type Kind = Draft['spec']['kind']

/** Who takes one value for each user: of several partitions there would be several, and which of them counts nobody says. */
const ofOneValue: Readonly<Partial<Record<Kind, ReadonlySet<Kind>>>> = {
  user_model: new Set(['trait']),
  audience: new Set(['trait']),
  sync: new Set(['trait', 'audience']),
}

function liesWithin(own: PartitionUnit | null, of: PartitionUnit | null): boolean {
  return own !== null && of !== null && own !== of && (own === 'hour' || own === 'day') && of !== 'hour'
}

function severalValues(
  { kind, partitions }: Draft['spec'],
  upstream: Draft['spec'],
  mapping: PartitionMapping,
): MappingProblem | null {
  if (ofOneValue[kind]?.has(upstream.kind) !== true) return null
  const unit = (spec: PartitionsSpec | undefined, name: string): PartitionUnit | null => {
    const dimension = spec?.dimensions.find((each) => each.name === name)
    return dimension?.type === 'time' ? dimension.every : null
  }
  const found = Object.entries(mapping).find(([name, rule]) => {
    // A day lies in one week, and an hour in one day.
    if (rule.type === 'window') return !liesWithin(unit(partitions, rule.of), unit(upstream.partitions, name))
    if (rule.type === 'keys') return Object.values(rule.keys).some((keys) => keys.length > 1)
    return rule.type !== 'same' && rule.type !== 'latest' && !(rule.type === 'last' && rule.count === 1)
  })
  if (found === undefined) return null
  const [dimension] = found
  const name = upstream.key.slice(upstream.key.indexOf('/') + 1)
  const fix =
    upstream.kind === 'audience'
      ? `Take an audience without partitions whose condition is to be in ${name}`
      : `Put them together in a trait of its own, such as one over \${allPartitions(${name})}, and take that`
  return {
    reason: `it takes one value for each user, and ${upstream.key} has one for each ${dimension}`,
    fix,
  }
}

function withPartitions(draft: Draft, mappings: PartitionMappings): Draft {
  const { spec, content } = draft
  const mapped = Object.keys(mappings).length > 0
  if (spec.partitions === undefined && !mapped) return draft
  // What partitions there are does not change what is in one: neither start nor end, nor the list of keys.
  const meaning = spec.partitions?.dimensions.map((dimension) =>
    dimension.type === 'time'
      ? [dimension.name, dimension.every, dimension.timeZone, dimension.offsetMinutes]
      : [dimension.name],
  )
  return { spec: mapped ? { ...spec, mappings } : spec, content: { content, partitions: meaning, mappings } }
}

function mappingOf(
  own: PartitionsSpec | null,
  upstream: PartitionsSpec,
  kind: Draft['spec']['kind'],
  upstreamKind: Draft['spec']['kind'],
  read: PartitionRead | undefined,
): PartitionMapping | MappingProblem {
  const written = read === undefined ? {} : ruleMapping(own, upstream, read)
  if ('reason' in written) return written as MappingProblem
  const missing = upstream.dimensions.filter(({ name }) => written[name] === undefined)
  const rest = missing.length === 0 ? {} : fallback(own, { dimensions: missing }, upstream, upstreamKind)
  if ('reason' in rest) return rest as MappingProblem
  const mapping = { ...rest, ...written }
  const problem = mappingProblem(mapping, own, upstream)
  if (problem !== null) return problem
  if (kind !== 'trait' && own === null && read !== undefined) {
    return { reason: 'it has none itself', fix: 'Choose the partitions in a trait’s SQL, and read that' }
  }
  return mapping
}

function fallback(
  own: PartitionsSpec | null,
  missing: PartitionsSpec,
  upstream: PartitionsSpec,
  kind: Draft['spec']['kind'],
): PartitionMapping | MappingProblem {
  if (own === null) return relationMapping(missing, kind)
  const all = defaultMapping(own, upstream, kind)
  if (!('reason' in all)) {
    return Object.fromEntries(missing.dimensions.map(({ name }) => [name, (all as PartitionMapping)[name]!]))
  }
  return defaultMapping(own, missing, kind)
}

function ruleMapping(
  own: PartitionsSpec | null,
  upstream: PartitionsSpec,
  { rule }: PartitionRead,
): PartitionMapping | MappingProblem {
  const of = (dimension: PartitionDimension): string =>
    own === null ? '' : (counterpartOf(dimension, own, upstream)?.name ?? '')
  if (rule.type === 'map') {
    return Object.fromEntries(
      Object.entries(rule.dimensions).map(([name, each]) => {
        const dimension = upstream.dimensions.find((other) => other.name === name)
        const named = own?.dimensions.find((other) => other.name === name)?.name
        const only = own?.dimensions.filter(({ type }) => type !== 'time')
        const counterpart = named ?? (dimension === undefined ? '' : of(dimension))
        return [name, dimensionMapping(each, counterpart || (only?.length === 1 ? only[0]!.name : ''))]
      }),
    )
  }
  const timed = upstream.dimensions.filter(({ type }) => type === 'time')
  if (rule.type === 'all') return Object.fromEntries(upstream.dimensions.map(({ name }) => [name, { type: 'all' }]))
  const [first] = timed
  if (first === undefined) {
    return { reason: 'it has no dimension of time', fix: 'Map its keys, or read all: allPartitions(upstream)' }
  }
  const mapping: DimensionMapping =
    rule.type === 'last' ? { type: 'last', of: of(first), count: rule.count } : { type: 'latest' }
  return { [first.name]: mapping }
}
