import { Liquid, type Template } from 'liquidjs'
import { configError, type HttpRequest, type JsonData } from '../kit/index.ts'
import type { OperationName, WebhookConfig } from './config.ts'

/** Rows of one request, and what it is called. */
export interface Content {
  readonly id: string
  readonly object: string
  readonly operation: OperationName
  readonly rows: readonly JsonData[]
  /** The rows as they came, as JSON. */
  readonly texts: readonly string[]
  /** ISO 8601: when the batch was made, so that a request that is made again says the same. */
  readonly timestamp: string
}

export type Written = Pick<HttpRequest, 'method' | 'path'> & { readonly body: string | null }

/** How the rows of an operation are written as requests. */
export interface Form {
  /** The address names the row: what it answers is about the row alone. */
  readonly addressesRow: boolean
  /** Throws what the template engine does where a row does not fit the template. */
  write(content: Content): Written
}

// No files and no endless loops. What an address takes from a row is encoded, so that no row names another address.
const limits = { templates: {}, strictFilters: true, renderLimit: 1_000, memoryLimit: 10_000_000 }
const bodies = new Liquid(limits)
const addresses = new Liquid({ ...limits, outputEscape: (value) => encodeURIComponent(String(value ?? '')) })

export function formOf(config: WebhookConfig, of: OperationName): Form {
  const own = config.operations[of] ?? {}
  const address = own.url ?? config.url
  const method = own.method ?? config.method
  const body = own.body ?? config.body
  const addressesRow = address.includes('{{') || address.includes('{%')
  if (addressesRow && config.rows_per_request > 1) {
    throw configError(`The address of ${of} is a template of the row, so rows_per_request has to be 1.`)
  }
  const path = addressesRow ? parse(addresses, address, `the address of ${of}`) : null
  const written = body === undefined ? null : parse(bodies, body, `the body of ${of}`)
  return {
    addressesRow,
    write(content) {
      const { id, object, operation, rows, timestamp } = content
      const scope = { id, object, operation, rows, row: rows[0], timestamp }
      return {
        method,
        path: path === null ? address : String(addresses.renderSync(path, scope)),
        body: method === 'GET' ? null : bodyOf(written, scope, content, config),
      }
    },
  }
}

function bodyOf(
  template: Template[] | null,
  scope: object,
  { texts, object, operation, timestamp }: Content,
  { format, content_type: type, rows_per_request: most }: WebhookConfig,
): string {
  if (template !== null) {
    const text = String(bodies.renderSync(template, scope))
    if (type.includes('json')) JSON.parse(text)
    return text
  }
  if (format === 'rows') return most === 1 ? (texts[0] ?? '') : `[${texts.join(',')}]`
  const names = [`rows.${operation}`, timestamp, object, operation].map((value) => JSON.stringify(value))
  const [type_, at, object_, operation_] = names
  return `{"type":${type_},"timestamp":${at},"data":{"object":${object_},"operation":${operation_},"rows":[${texts.join(',')}]}}`
}

function parse(liquid: Liquid, template: string, what: string): Template[] {
  try {
    return liquid.parse(template)
  } catch (error) {
    throw configError(`${what[0]?.toUpperCase()}${what.slice(1)} is not a Liquid template.`, error)
  }
}
