import { longestIdentifier, maxIdentifier, maxName, type AssetKey, type SourceLocation } from '../contract/index.ts'
import type { Check } from '../define/asset-check.ts'
import type { Audience } from '../define/audience.ts'
import type { Dbt, Model } from '../define/dbt.ts'
import { isDefinition, type Definition } from '../define/definition.ts'
import type { Destination } from '../define/destination.ts'
import type { Entity } from '../define/entity.ts'
import type { Notebook } from '../define/notebook.ts'
import type { Project } from '../define/project.ts'
import type { Sensor } from '../define/sensor.ts'
import type { Resource } from '../define/resource.ts'
import type { Source } from '../define/source.ts'
import type { Sync } from '../define/sync.ts'
import type { Trait } from '../define/trait.ts'
import type { UserModel } from '../define/user-model.ts'
import type { WebhookTrigger } from '../define/webhook-trigger.ts'
import type { Problems } from './problems.ts'

/** Definitions by kind, as they are typed. */
export interface DefinitionOf {
  entity: Entity
  source: Source
  dbt: Dbt
  model: Model
  notebook: Notebook
  trait: Trait
  user_model: UserModel
  audience: Audience
  destination: Destination
  sync: Sync
  resource: Resource
  project: Project
  sensor: Sensor
  webhook: WebhookTrigger
}

/** All that a project holds: what it names, and all that this references. */
export interface Collected {
  of<Kind extends keyof DefinitionOf>(kind: Kind): readonly DefinitionOf[Kind][]
  /** dbt projects that were named themselves: all of their models belong to the project. */
  readonly whole: ReadonlySet<Dbt>
}

/** `locate` writes places relative to the project's folder. */
export function collect(
  project: Project,
  problems: Problems,
  locate: (at: SourceLocation | null) => SourceLocation | null,
): Collected {
  const byId = new Map<string, Definition>()
  const seen = new Set<Definition>()
  const queue: Definition[] = [project]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    const id = labelOf(next)
    const other = byId.get(id)
    if (other !== undefined) problems.add(twice(id, next, other, locate))
    else byId.set(id, next)
    checkName(next, problems, locate)
    for (const ref of [...usedByChecks(next), ...next.refs].reverse()) {
      if (isDefinition(ref)) queue.push(ref)
      else problems.add(noDefinition(id, next, locate))
    }
  }
  const definitions = [...byId.values()]
  return {
    of: <Kind extends keyof DefinitionOf>(kind: Kind) =>
      definitions.filter((definition) => definition.kind === kind) as unknown as DefinitionOf[Kind][],
    whole: new Set(project.refs.filter((ref): ref is Dbt => isDefinition(ref) && ref.kind === 'dbt')),
  }
}

/** All that a project holds, without any judgement. */
export function definitionsOf(project: Project): readonly Definition[] {
  const seen = new Set<Definition>([project])
  for (const definition of seen) {
    for (const ref of [...usedByChecks(definition), ...definition.refs]) if (isDefinition(ref)) seen.add(ref)
  }
  return [...seen]
}

/** Checks are no definitions, and may use some. */
function usedByChecks(definition: Definition): readonly Definition[] {
  const { checks = [], modelChecks = {} } = definition as Definition & {
    readonly checks?: readonly Check[]
    readonly modelChecks?: Readonly<Record<string, readonly Check[]>>
  }
  return [...checks, ...Object.values(modelChecks).flat()].flatMap(({ test }) =>
    test.type === 'typescript' ? test.resources : [],
  )
}

/** An asset's key; `destination crm` for what is no asset. */
export function labelOf(definition: Definition): string {
  return 'key' in definition && typeof definition.key === 'string'
    ? definition.key
    : `${definition.kind} ${definition.name}`
}

/** What a definition is in the graph. Only for definitions of assets. */
export function keyOf(definition: Definition): AssetKey {
  return (definition as Definition & { readonly key: AssetKey }).key
}

type Locate = (at: SourceLocation | null) => SourceLocation | null

function twice(name: string, definition: Definition, other: Definition, locate: Locate) {
  const first = locate(other.definedAt)
  return {
    name,
    at: locate(definition.definedAt),
    reason: `it is defined twice${first === null ? '' : `: also at ${first.file}:${first.line}`}`,
    fix: 'Rename one of the two',
  }
}

function noDefinition(name: string, definition: Definition, locate: Locate) {
  return {
    name,
    at: locate(definition.definedAt),
    reason: 'it refers to something that is no definition',
    fix: 'If two files import each other, move what both need into a third',
  }
}

/** A model's name is dbt's. */
function checkName(definition: Definition, problems: Problems, locate: Locate): void {
  const { kind, name } = definition
  if (kind === 'model') return
  const report = (reason: string, fix: string): void =>
    problems.add({ name: labelOf(definition), at: locate(definition.definedAt), reason, fix })
  const longest = maxName(kind)
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    const better = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^[^a-z]+|_$/g, '')
      .slice(0, longest)
    const reason = 'a name has lower-case letters, digits and underscores, and begins with a letter'
    report(reason, better === '' ? 'Rename it' : `Call it ${better}`)
  } else if (name.length > longest) {
    const { length } = longestIdentifier(kind, name)
    const made = `${longestIdentifier(kind, '…')} in the warehouse ${length}, of at most ${maxIdentifier}`
    const reason = `its name is ${name.length} characters long${length === name.length ? '' : `, and ${made}`}`
    report(reason, `Use a name of at most ${longest}`)
  }
}
