import { z } from 'zod'
import type { ConnectorSpecification } from '../protocol/index.ts'
import type { Destination } from './definition.ts'
import { configError } from './errors.ts'

/** The destination's answer to `spec`. */
export function specificationOf(destination: Destination): ConnectorSpecification {
  return {
    ...(destination.documentationUrl === undefined ? {} : { documentationUrl: destination.documentationUrl }),
    connectionSpecification: z.toJSONSchema(destination.spec, { target: 'draft-7', io: 'input' }),
    supportsIncremental: true,
    supported_destination_sync_modes: destination.syncModes,
    protocol_version: '0.3.2',
  }
}

/** Validates a configuration. Errors name each field and what is wrong with it, never its value. */
export function parseConfig<Spec extends z.ZodType>(destination: Destination<Spec>, raw: unknown): z.output<Spec> {
  const result = destination.spec.safeParse(withoutNulls(raw))
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => {
    const field = issue.path.length === 0 ? 'the configuration' : issue.path.map(String).join('.')
    return `${field}: ${describe(issue)}`
  })
  throw configError(`The configuration of ${destination.name} is not valid: ${problems.join('; ')}.`)
}

/** Zod's own words may quote input in the messages of some checks; those are said anew. */
function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_format':
      // Of a pattern the schema says in words what it should be, or zod which pattern.
      if (issue.format === 'regex') return issue.message
      return `should be ${/^[aeiou]/i.test(issue.format) ? 'an' : 'a'} ${issue.format}`
    case 'invalid_value':
      return `should be one of ${issue.values.map(String).join(', ')}`
    default:
      return issue.message
  }
}

/** Real clients send a null for each field that is not set. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([name, inner]) => [name, withoutNulls(inner)]),
  )
}
