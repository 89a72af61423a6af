import { withoutValues } from '../../orchestrator/process/index.ts'

/** One line of dbt's log, as far as it is of use. Names and fields are those of dbt 1.5 and later; others are text. */
export interface DbtLogLine {
  /** Empty for lines that only space out others. */
  readonly text: string
  readonly error: boolean
  /** The node that the line is about, and its status so far: `started`, `success`, `error`, `pass` ... */
  readonly node: { readonly uniqueId: string; readonly status: string } | null
}

export function parseLogLine(line: string): DbtLogLine {
  const entry = parseObject(line)
  const info = objectAt(entry, 'info')
  if (info === null) return { text: withoutValues(line), error: false, node: null }
  const node = objectAt(objectAt(entry, 'data'), 'node_info')
  const uniqueId = node?.['unique_id']
  const status = node?.['node_status']
  const message = String(info['msg'] ?? '')
  // Of a project that cannot be read dbt says names in quotes, and has not seen a row.
  const literals = node === null && /\b(?:Compilation|Parsing) Error\b/.test(message)
  return {
    text: withoutValues(message, { lines: 30, length: 4_000, literals }),
    error: info['level'] === 'error',
    node:
      typeof uniqueId === 'string' && typeof status === 'string' ? { uniqueId, status: status.toLowerCase() } : null,
  }
}

type Fields = Readonly<Record<string, unknown>>

function parseObject(line: string): Fields | null {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line) as Fields
  } catch {
    return null
  }
}

function objectAt(fields: Fields | null, name: string): Fields | null {
  const value = fields?.[name]
  return typeof value === 'object' && value !== null ? (value as Fields) : null
}
