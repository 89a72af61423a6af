import { readDbtManifest, type DbtManifest, type DbtNode } from './manifest.ts'

/** Macros of dbt's own that ask the warehouse something. */
const asking = ['run_query', 'statement', 'get_columns_in_query', 'get_columns_in_relation']
/** These ask only what is there, which DuckDB in memory answers. */
const askingWhatIsThere = ['is_incremental', 'load_relation', 'load_cached_relation']

const askingCode = /\badapter\s*\.\s*(?:get_|list_|check_|execute)/

/** Names of nodes that cannot be compiled without a warehouse, as `--exclude` takes them. */
export function introspectiveNodes(value: unknown, adapter: 'duckdb' | 'postgres'): string[] {
  const manifest = readDbtManifest(value)
  if (typeof manifest === 'string') return []
  const macros = new Set(
    [...asking, ...(adapter === 'duckdb' ? [] : askingWhatIsThere)].map((name) => `macro.dbt.${name}`),
  )
  return Object.values(manifest.nodes)
    .filter((node) => asks(node, manifest, macros))
    .map(({ name }) => name)
}

function asks(node: DbtNode, manifest: DbtManifest, macros: ReadonlySet<string>): boolean {
  if (node.resource_type === 'test') return false
  if (askingCode.test(node.raw_code ?? '')) return true
  const seen = new Set<string>()
  const pending = [...(node.depends_on?.macros ?? [])]
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id)) continue
    seen.add(id)
    if (macros.has(id)) return true
    const macro = manifest.macros?.[id]
    if (macro === undefined) continue
    if (macro.package_name !== 'dbt' && !macro.package_name.startsWith('dbt_') && askingCode.test(macro.macro_sql))
      return true
    pending.push(...(macro.depends_on?.macros ?? []))
  }
  return false
}
