import { Ajv, type ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import type { ConnectorSpecification, JsonData } from '../protocol/index.ts'
import { connectorFailure } from './failures.ts'

/**
 * Holds a configuration against the connector's own spec. Throws CONNECTOR_CONFIG_INVALID, which names each field and
 * what the spec asks of it, never what the field holds. A spec that is itself no valid schema lets everything pass.
 */
export function validateConfig(name: string, spec: ConnectorSpecification, config: JsonData): void {
  const validate = compile(spec.connectionSpecification)
  if (validate === null || validate(config) === true) return
  const problems = [...new Set(mostTelling(validate.errors ?? []).map(describe))]
  throw connectorFailure('CONNECTOR_CONFIG_INVALID', `The config of ${name} is not valid: ${problems.join('; ')}`)
}

function compile(schema: JsonData): { (value: unknown): unknown; errors?: ErrorObject[] | null } | null {
  // Connectors name drafts and formats of every age; what is unknown is let pass.
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false, validateSchema: false })
  addFormats.default(ajv)
  const { $schema: _, $id: __, ...rest } = schema
  try {
    return ajv.compile(rest)
  } catch {
    return null
  }
}

/** A choice that fails reports each branch; what the branches ask is noise beside the choice itself unless it is all there is. */
function mostTelling(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const own = errors.filter(({ schemaPath }) => !/\/(oneOf|anyOf)\/\d+\//.test(schemaPath))
  return own.length > 0 ? own : errors
}

function describe({ instancePath, keyword, params, message }: ErrorObject): string {
  const at = instancePath.split('/').slice(1).map(unescapePointer).join('.')
  const inside = (name: unknown): string => (at === '' ? String(name) : `${at}.${String(name)}`)
  const given = params as Readonly<Record<string, unknown>>
  if (keyword === 'required') return `${inside(given['missingProperty'])} is missing`
  if (keyword === 'additionalProperties') return `${inside(given['additionalProperty'])} is not known`
  const allowed = keyword === 'enum' ? `: ${(given['allowedValues'] as unknown[]).join(', ')}` : ''
  return `${at === '' ? 'it' : at} ${message ?? `fails ${keyword}`}${allowed}`
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}
