import {
  assetNamePattern,
  type AssetKey,
  type AssetSpec,
  type CheckSpec,
  type CheckTest,
  type SqlTemplate,
} from '../../contract/index.ts'
import type { Check, WrittenTest } from '../../define/asset-check.ts'
import { branded, type AssetInfo, type Definition } from '../../define/definition.ts'
import type { Sql, TableReference } from '../../define/sql.ts'
import { nearest } from '../../graph/index.ts'
import type { Collected } from '../collect.ts'
import { keyOf } from '../collect.ts'
import type { Context, Draft } from '../context.ts'
import { knownColumns, type KnownColumns } from '../tables.ts'
import { partitionValueProblem } from '../partitions.ts'
import { hashModule } from '../user-code.ts'
import { checkRules, type Subject } from './rules.ts'

type Spec = Omit<AssetSpec, 'codeVersion'>

interface Input {
  readonly dir: string
  readonly drafts: readonly Draft[]
  readonly collected: Collected
  readonly known: KnownColumns
  readonly context: Context
}

/** The checks of each asset that has any. They decide nothing of its content, and so are no part of its version. */
export function compileChecks(input: Input): ReadonlyMap<AssetKey, readonly CheckSpec[]> {
  const specs = new Map(input.drafts.map(({ spec }) => [spec.key, spec]))
  const found = new Map<AssetKey, readonly CheckSpec[]>()
  for (const { definition, key, checks } of written(input, specs)) {
    const spec = specs.get(key)
    if (spec === undefined || checks.length === 0) continue
    const names = new Set<string>()
    const compiled = checks.flatMap((check) => {
      const report = (reason: string, fix: string): void =>
        input.context.problems.add({
          name: `${key} check ${check.name}`,
          at: input.context.locate(check.definedAt ?? definition.definedAt),
          reason,
          fix,
        })
      if (!assetNamePattern.test(check.name)) {
        report('a name has lower-case letters, digits and underscores, and begins with a letter', 'Give it a name')
      }
      if (names.has(check.name)) report('it is defined twice', 'Give one of the two another name')
      names.add(check.name)
      if (check.blocking && check.severity === 'warn') {
        report('it blocks, and is only a warning', 'Make its severity error, or do not let it block')
      }
      return compileCheck(check, spec, specs, input, report)
    })
    found.set(key, compiled)
  }
  return found
}

interface Written {
  readonly definition: Definition
  readonly key: AssetKey
  readonly checks: readonly Check[]
}

function* written({ collected, context }: Input, specs: ReadonlyMap<AssetKey, Spec>): Generator<Written> {
  for (const kind of ['source', 'notebook', 'trait', 'user_model', 'audience', 'sync'] as const) {
    for (const definition of collected.of(kind) as readonly (Definition & AssetInfo)[]) {
      yield { definition, key: keyOf(definition), checks: definition.checks }
    }
  }
  for (const definition of collected.of('dbt')) {
    for (const [name, checks] of Object.entries(definition.modelChecks)) {
      const key = `model/${definition.name}/${name}` as const
      if (specs.has(key)) yield { definition, key, checks }
      else {
        const prefix = `model/${definition.name}/`
        const models = [...specs.keys()]
          .filter((each) => each.startsWith(prefix))
          .map((each) => each.slice(prefix.length))
        const near = nearest(name, models)
        const fix = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Its models here are ${models.join(', ')}`
        context.report(definition, `it has checks of ${name}, which is no model of the project`, fix)
      }
    }
  }
}

type Report = (reason: string, fix: string) => void

function compileCheck(
  check: Check,
  spec: Spec,
  specs: ReadonlyMap<AssetKey, Spec>,
  input: Input,
  report: Report,
): CheckSpec[] {
  const test = resolve(check.test, spec, specs, input, report)
  if (test === null) return []
  const subject: Subject = {
    spec,
    columns: input.known.get(spec.key) ?? (spec.kind === 'model' ? undefined : knownColumns(spec.columns)),
    personal: new Set(spec.columns.filter(({ pii }) => pii === true).map(({ name }) => name)),
    report,
  }
  checkRules(test, subject)
  const { name, description, severity, blocking } = check
  return [{ name, description, severity, blocking, test }]
}

/** Fills in what only the project knows: a trait's own column, what `self` is, the hash of code. */
function resolve(
  test: WrittenTest,
  spec: Spec,
  specs: ReadonlyMap<AssetKey, Spec>,
  { dir, context }: Input,
  report: Report,
): CheckTest | null {
  if ('sql' in test) {
    const made = templateOf(test.sql, spec, report)
    if (made === null) return null
    const { template } = made
    readable(template, spec, specs, report)
    const wrong = partitionValueProblem(template, spec.partitions ?? null)
    if (wrong !== null) report(wrong.reason, wrong.fix)
    if (made.reads.length > 0) {
      const fix = 'Put the asset itself into the query, without lastPartitions and its like'
      report('it says which partitions it reads, and sees those that its asset was made of', fix)
    }
    const { type, min, max } = test
    return type === 'sql' ? { type, sql: template } : { type, sql: template, min, max }
  }
  if (test.type === 'typescript') {
    const { module } = test
    const hash = hashModule(dir, module)
    if (hash === null || !context.fileExists(module)) {
      report(`its module ${module} cannot be read`, 'Paths are relative to the folder of traitline.ts')
      return null
    }
    const resources = test.resources.map(({ name }) => name)
    const code = { module, export: test.export, hash }
    return { type: 'typescript', code, ...(resources.length > 0 && { resources }) }
  }
  if (!('column' in test)) return test
  const column = test.column ?? (spec.kind === 'trait' ? spec.columns[1]?.name : undefined)
  if (column !== undefined) return { ...test, column }
  report('it names no column', 'Name one: only a trait has a value of its own')
  return null
}

/** What is downstream, or beside it, may not be there yet when it is checked. */
function readable({ refs }: SqlTemplate, spec: Spec, specs: ReadonlyMap<AssetKey, Spec>, report: Report): void {
  const above = new Set<AssetKey>([spec.key])
  for (const key of above) for (const dep of specs.get(key)?.deps ?? []) above.add(dep)
  for (const ref of new Set(refs)) {
    if (!above.has(ref))
      report(`it reads ${ref}, which is not upstream of ${spec.key}`, 'Read the asset itself, or what it is made from')
  }
}

/** What a check's query is of this very asset. */
function templateOf(sql: (self: TableReference) => Sql, { kind, key }: Spec, report: Report): Sql | null {
  const self = branded({ kind, key, name: key, refs: [], definedAt: null }, {}) as unknown as TableReference
  try {
    const made: unknown = sql(self)
    if (typeof made === 'object' && made !== null && 'template' in made) return made as Sql
    report('its function answers no SQL', 'Write it like (self) => sql`select * from ${self} where ...`')
  } catch (error) {
    report(`its query cannot be made: ${error instanceof Error ? error.message : 'unknown reason'}`, 'Mend it')
  }
  return null
}
