import { hashOf, sha256 } from '../hash.ts'
import { normalizedCode } from '../sql-text.ts'
import type { DbtManifest, DbtNode } from './manifest.ts'

/** Configuration that says nothing about a model's rows. */
const descriptive = new Set([
  'access',
  'docs',
  'enabled',
  'event_time',
  'freshness',
  'grants',
  'group',
  'meta',
  'packages',
  'persist_docs',
  'static_analysis',
  'tags',
])

export interface ModelContentInput {
  readonly node: DbtNode
  /** Ephemeral models whose code dbt puts into this one. */
  readonly inlined: readonly DbtNode[]
  readonly manifest: DbtManifest
  /** The variables that dbt is given, and those of dbt_project.yml. */
  readonly vars: unknown
}

/** All that decides a model's rows: its code, its configuration, the project's macros behind it, and variables read. */
export function modelContent({ node, inlined, manifest, vars }: ModelContentInput): unknown {
  const nodes = [node, ...inlined]
  const macros = macrosOf(nodes, manifest)
  const code = nodes.map(({ raw_code }) => raw_code ?? '')
  const isSql = node.language === 'sql' || node.language === null || node.language === undefined
  const readsVars = [...code, ...macros].some((sql) => /\bvar\s*\(/.test(sql))
  return {
    language: node.language,
    code: isSql ? code.map(normalizedCode) : code,
    // A seed has no code: its file is its content.
    ...(node.resource_type === 'seed' ? { checksum: node.checksum?.checksum } : {}),
    config: Object.fromEntries(Object.entries(node.config ?? {}).filter(([name]) => !descriptive.has(name))),
    relation: { schema: node.schema, name: node.alias ?? node.name },
    macros: macros.map((sql) => sha256(sql)).sort(),
    vars: readsVars ? hashOf(vars) : null,
  }
}

/** Macros that these nodes call, directly or not. dbt's own are left out: they change with dbt, not with the project. */
function macrosOf(nodes: readonly DbtNode[], manifest: DbtManifest): string[] {
  const own = new Set(['dbt', `dbt_${manifest.metadata.adapter_type ?? ''}`])
  const seen = new Set<string>()
  const found: string[] = []
  const pending = nodes.flatMap(({ depends_on }) => depends_on?.macros ?? [])
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id)) continue
    seen.add(id)
    const macro = manifest.macros?.[id]
    if (macro === undefined || own.has(macro.package_name)) continue
    found.push(macro.macro_sql)
    pending.push(...(macro.depends_on?.macros ?? []))
  }
  return found
}

/** The text of `vars:` in dbt_project.yml, which no manifest holds. */
export function projectVars(dbtProjectYml: string): string {
  return /^vars:.*(?:\n(?:[ \t#-].*)?)*/m.exec(dbtProjectYml)?.[0].trimEnd() ?? ''
}
