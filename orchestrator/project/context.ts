import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import {
  ownTable,
  type AssetKey,
  type AssetSpec,
  type ColumnSpec,
  type OwnTableKind,
  type Relation,
  type SourceLocation,
} from '../contract/index.ts'
import type { AssetInfo, Definition } from '../define/definition.ts'
import { inEnvironment, type ByEnvironment } from '../define/per-environment.ts'
import type { Partitions } from '../define/partitions.ts'
import { compileAutomation } from './automation.ts'
import { keyOf, labelOf } from './collect.ts'
import { createProblems, type Problems } from './problems.ts'
import type { ProjectSettings } from './settings.ts'

/** What compiling one definition may use. */
export interface Context {
  readonly settings: ProjectSettings
  readonly problems: Problems
  report(definition: Definition, reason: string, fix: string): void
  /** What a value of a definition is in the environment that is compiled for. */
  resolve<Value>(definition: Definition, value: ByEnvironment<Value>): Value
  locate(at: SourceLocation | null): SourceLocation | null
  fileExists(path: string): boolean
  /** Null if it cannot be read. */
  readText(path: string): string | null
}

/** A spec whose version is still to be hashed from `content`: all that decides what its rows are. */
export interface Draft<Spec extends AssetSpec = AssetSpec> {
  readonly spec: Omit<Spec, 'codeVersion'>
  readonly content: unknown
}

export function createLocate(dir: string): Context['locate'] {
  const root = realpathSync(dir)
  return (at) => {
    if (at === null) return null
    const file = relative(root, at.file).split(sep).join('/')
    return { file, line: at.line }
  }
}

export function createContext(
  dir: string,
  settings: ProjectSettings,
  problems: Problems = createProblems(),
  environment = 'dev',
): Context {
  const locate = createLocate(dir)
  const report: Context['report'] = (definition, reason, fix) =>
    problems.add({ name: labelOf(definition), at: locate(definition.definedAt), reason, fix })
  return {
    settings,
    problems,
    locate,
    report,
    resolve: <Value>(definition: Definition, value: ByEnvironment<Value>) =>
      inEnvironment(value, environment, (named) =>
        report(
          definition,
          `one of its values is there for ${named.join(' and ')}, not for the environment ${environment}`,
          `Add ${environment}, or default, to that perEnvironment`,
        ),
      ) as Value,
    fileExists: (path) => existsSync(join(dir, path)),
    readText: (path) => {
      try {
        return readFileSync(join(dir, path), 'utf8')
      } catch {
        return null
      }
    },
  }
}

/** What all specs have in common. */
export function baseSpec<Kind extends AssetSpec['kind']>(
  kind: Kind,
  definition: Definition & AssetInfo & { readonly partitions?: Partitions | null },
  context: Context,
  deps: readonly (AssetKey | null)[],
  columns: readonly ColumnSpec[],
) {
  return {
    kind,
    key: keyOf(definition),
    description: definition.description,
    group: definition.group,
    owners: definition.owners,
    tags: definition.tags,
    ...(definition.pools.length > 0 && { pools: definition.pools }),
    ...(definition.formerly !== null && { formerly: definition.formerly as AssetKey }),
    ...(definition.retry !== null && { retry: definition.retry }),
    definedAt: context.locate(definition.definedAt),
    deps: [...new Set(deps.filter((dep) => dep !== null))],
    columns,
    ...(definition.partitions ? { partitions: definition.partitions.spec } : {}),
    ...compileAutomation(
      definition,
      deps.some((dep) => dep !== null),
      context,
    ),
  }
}

/** One of Traitline's own tables. */
export function ownRelation(kind: OwnTableKind, definition: Definition, context: Context): Relation {
  return { schema: context.settings.schema, name: ownTable(kind, definition.name) }
}

/** Reports the definitions that are about another entity. */
export function checkEntity(
  definition: Definition,
  entity: Definition,
  others: readonly (Definition & { readonly entity?: Definition })[],
  context: Context,
): void {
  for (const other of others) {
    if (other.entity === undefined || other.entity.name === entity.name) continue
    context.report(
      definition,
      `it is about ${entity.name}, and ${labelOf(other)} about ${other.entity.name}`,
      'Use only what is about one entity',
    )
  }
}
