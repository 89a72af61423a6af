import type { ModelCode, Relation } from '../../contract/index.ts'
import type { Context } from '../context.ts'
import type { DbtManifest, DbtNode } from './manifest.ts'
import { fileOf, isEphemeral, type DbtEntry } from './nodes.ts'

/** What is known of a model's code: what dbt compiled, or its own text where its templates are plain. */
export function modelCode(entry: DbtEntry, context: Context): ModelCode {
  const { node, dbt } = entry
  if (node.resource_type === 'seed') return seedColumns(entry, context)
  if (node.language !== undefined && node.language !== null && node.language !== 'sql') {
    return { reason: `it is written in ${node.language}` }
  }
  if (node.compiled_code) return { sql: node.compiled_code }
  return rendered(node, dbt.manifest)
}

function seedColumns({ dbt, node }: DbtEntry, context: Context): ModelCode {
  const [header = ''] = (context.readText(fileOf({ dbt, node })) ?? '').split(/\r?\n/, 1)
  const configured = node.config?.['delimiter']
  const delimiter = typeof configured === 'string' && configured !== '' ? configured : ','
  const columns = header
    .replace(/^\uFEFF/, '')
    .split(delimiter)
    .map((name) => name.trim().replace(/^"(.*)"$/, '$1'))
  return columns.every((name) => name !== '') ? { columns } : { reason: 'its file has no header' }
}

const notCompiled = 'dbt cannot compile it without a warehouse, since it asks one what to do'

/**
 * The templates of a model that dbt could not compile, as far as they can be filled in without it: references, and
 * what is only for incremental runs, which is left out.
 */
function rendered(node: DbtNode, manifest: DbtManifest): ModelCode {
  const code = (node.raw_code ?? '')
    .replace(/\{#[\s\S]*?#\}/g, '')
    .replace(/\{\{-?\s*config\s*\([\s\S]*?\)\s*-?\}\}/g, '')
    .replace(
      /\{%-?\s*if\s+is_incremental\(\)\s*-?%\}(?:(?!\{%-?\s*(?:if|else|elif)\b)[\s\S])*?\{%-?\s*endif\s*-?%\}/g,
      '',
    )
    .replace(/\{\{-?\s*(ref|source)\s*\(([^(){}]*)\)\s*-?\}\}/g, (whole, kind: string, text: string) => {
      const relation =
        kind === 'ref' ? referenced(argumentsOf(text), node, manifest) : sourced(argumentsOf(text), manifest)
      return relation === null ? whole : quoted(relation)
    })
  return /\{[{%]/.test(code) ? { reason: notCompiled } : { sql: code }
}

/** Text arguments, without those that have names. */
function argumentsOf(text: string): string[] {
  return [...text.matchAll(/(?:^|,)\s*(?:'([^']*)'|"([^"]*)")\s*(?=,|$)/g)].map(
    ([, single, double]) => single ?? double ?? '',
  )
}

function referenced(names: readonly string[], node: DbtNode, manifest: DbtManifest): Relation | null {
  const name = names.at(-1)
  const reads = node.depends_on?.nodes ?? []
  const found = reads.map((id) => manifest.nodes[id]).filter((other) => other !== undefined && other.name === name)
  const [only, ...others] = found
  if (only === undefined || others.length > 0 || isEphemeral(only)) return null
  return { schema: only.schema ?? '', name: only.alias ?? only.name }
}

function sourced([from, name]: readonly string[], manifest: DbtManifest): Relation | null {
  const found = Object.values(manifest.sources).find((source) => source.source_name === from && source.name === name)
  return found === undefined ? null : { schema: found.schema, name: found.identifier ?? found.name }
}

function quoted({ schema, name }: Relation): string {
  return [schema, name].map((part) => `"${part.replaceAll('"', '""')}"`).join('.')
}
