import type { AssetSpec, FieldChange, SqlTemplate } from '../contract/index.ts'
import { lineDiff } from './line-diff.ts'

/** What does not decide an asset's content, or is decided by the rest. */
const aside: ReadonlySet<string> = new Set([
  'key',
  'kind',
  'description',
  'group',
  'owners',
  'tags',
  'definedAt',
  'codeVersion',
])

const mostFields = 12
const longestValue = 200

/**
 * The fields in which two definitions of an asset differ, in short. Empty if what differs is not in the definition
 * itself: a notebook's file, an entity's key, how Traitline compiles it.
 *
 * @example
 * changedFields(before, after)
 * // [{ field: 'origin.sql', lines: ['-select a', '+select b', ' from t'] }]
 */
export function changedFields(before: AssetSpec, after: AssetSpec): FieldChange[] {
  const [old, now] = [leavesOf(before), leavesOf(after)]
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter((field) => old.get(field) !== now.get(field))
  const shown = changed.slice(0, mostFields).map((field) => ({ field, lines: linesOf(old.get(field), now.get(field)) }))
  const more = changed.length - shown.length
  return more > 0 ? [...shown, { field: `${more} more`, lines: [] }] : shown
}

function linesOf(before: string | undefined, after: string | undefined): string[] {
  if (before !== undefined && after !== undefined && (before.includes('\n') || after.includes('\n'))) {
    return lineDiff(before, after)
  }
  return [
    ...(before === undefined ? [] : [`-${shortened(before)}`]),
    ...(after === undefined ? [] : [`+${shortened(after)}`]),
  ]
}

function shortened(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text
}

function leavesOf(spec: AssetSpec): Map<string, string> {
  const leaves = new Map<string, string>()
  for (const [name, value] of Object.entries(spec)) if (!aside.has(name)) collect(value, name, leaves)
  return leaves
}

function collect(value: unknown, path: string, leaves: Map<string, string>): void {
  if (value === null || value === undefined) return
  if (typeof value !== 'object') leaves.set(path, typeof value === 'string' ? value.trim() : JSON.stringify(value))
  else if (isSqlTemplate(value)) leaves.set(path, sqlText(value))
  else if (Array.isArray(value)) collectArray(value, path, leaves)
  else for (const [name, inner] of Object.entries(value)) collect(inner, `${path}.${name}`, leaves)
}

/** Names and keys are compared as one list, so that one more does not move all that follow. */
function collectArray(values: readonly unknown[], path: string, leaves: Map<string, string>): void {
  if (values.every((value) => typeof value === 'string')) leaves.set(path, values.join('\n'))
  else values.forEach((value, at) => collect(value, `${path}[${nameOf(value) ?? at}]`, leaves))
}

function nameOf(value: unknown): string | null {
  const fields = value as { readonly name?: unknown; readonly field?: unknown } | null
  const name = fields?.name ?? fields?.field
  return typeof name === 'string' ? name : null
}

function isSqlTemplate(value: object): value is SqlTemplate {
  return 'strings' in value && 'refs' in value && Array.isArray(value.strings) && Array.isArray(value.refs)
}

function sqlText({ strings, refs }: SqlTemplate): string {
  return strings
    .map((part, at) => `${part}${refs[at] === undefined ? '' : `{${refs[at]}}`}`)
    .join('')
    .trim()
}
