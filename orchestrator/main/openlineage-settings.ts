import { resolve } from 'node:path'
import type { TransportConfig } from '../../activities/openlineage/index.ts'
import { TraitlineError } from '../contract/index.ts'

export interface OpenLineageConfig {
  readonly transport: TransportConfig
  /** Null: `traitline/<environment>`. */
  readonly namespace: string | null
}

/**
 * The variables that OpenLineage's own clients read: OPENLINEAGE_URL, OPENLINEAGE_ENDPOINT, OPENLINEAGE_API_KEY,
 * OPENLINEAGE_NAMESPACE, OPENLINEAGE_DISABLED, and OPENLINEAGE__TRANSPORT__* for `http` and `file`. Null if none of
 * them names a transport.
 */
export function openLineageConfig(env: Readonly<Record<string, string | undefined>>): OpenLineageConfig | null {
  const text = (name: string): string | null => {
    const value = env[name]?.trim()
    return value === undefined || value === '' ? null : value
  }
  const transport = (name: string): string | null => text(`OPENLINEAGE__TRANSPORT__${name}`)
  const disabled = text('OPENLINEAGE_DISABLED')?.toLowerCase() === 'true'
  const namespace = text('OPENLINEAGE_NAMESPACE')
  const [ownUrl, plainUrl] = [transport('URL'), text('OPENLINEAGE_URL')]
  const [ownEndpoint, plainEndpoint] = [transport('ENDPOINT'), text('OPENLINEAGE_ENDPOINT')]
  const [auth, plainKey] = [transport('AUTH'), text('OPENLINEAGE_API_KEY')]
  const [path, append] = [transport('LOG_FILE_PATH'), transport('APPEND')?.toLowerCase() === 'true']
  const url = ownUrl ?? plainUrl
  const type = transport('TYPE') ?? (url === null ? null : 'http')
  if (disabled || type === null) return null
  if (type === 'file') {
    if (path === null) throw invalid('OPENLINEAGE__TRANSPORT__LOG_FILE_PATH', 'names no file', 'the path of a file')
    return { transport: { type, path: resolve(path), append }, namespace }
  }
  if (type !== 'http') throw invalid('OPENLINEAGE__TRANSPORT__TYPE', `is ${JSON.stringify(type)}`, '`http` or `file`')
  const endpoint = ownEndpoint ?? plainEndpoint ?? 'api/v1/lineage'
  return { transport: { type, url: address(url, endpoint), apiKey: apiKeyOf(auth) ?? plainKey }, namespace }
}

function address(url: string | null, endpoint: string): string {
  try {
    const base = new URL(url ?? '')
    if (/^https?:$/.test(base.protocol)) return `${base.href.replace(/\/$/, '')}/${endpoint.replace(/^\//, '')}`
  } catch {
    // Told below.
  }
  // It may hold a password: it is not repeated.
  throw invalid(
    'OPENLINEAGE_URL',
    'is no http or https address',
    'the address of a server, such as http://localhost:5000',
  )
}

/** `{"type": "api_key", "apiKey": "..."}`. */
function apiKeyOf(auth: string | null): string | null {
  if (auth === null) return null
  try {
    const { apiKey, api_key } = JSON.parse(auth) as Readonly<Record<string, unknown>>
    const key = apiKey ?? api_key
    return typeof key === 'string' ? key : null
  } catch {
    throw invalid('OPENLINEAGE__TRANSPORT__AUTH', 'is no JSON', '{"type": "api_key", "apiKey": "..."}')
  }
}

function invalid(name: string, reason: string, wanted: string): TraitlineError {
  return new TraitlineError({
    code: 'SETTING_INVALID',
    message: `${name} ${reason}`,
    hint: `Set it to ${wanted}, or unset it.`,
    blame: 'config',
  })
}
