import {
  isEnvRef,
  TraitlineError,
  type EnvRef,
  type JsonValue,
  type ResourceSpec,
  type ResourceVariable,
} from '../contract/index.ts'
import { inEnvironment } from '../define/per-environment.ts'
import type { Resource, ResourceIssue } from '../define/resource.ts'
import { hiding } from '../process/index.ts'
import type { Context } from './context.ts'

/** What a resource is made with, where it is used. */
export interface ResourceWorld {
  readonly environment: string
  readonly variable: (name: string) => string | undefined
}

export interface ResolvedResource<Value = unknown> {
  readonly value: Value
  /** What came from variables: never to be shown. */
  readonly secrets: readonly string[]
}

/** What the manifest tells of a resource. Reports what can be known to be wrong without the variables. */
export async function compileResource(resource: Resource, context: Context): Promise<ResourceSpec> {
  const written = context.resolve(resource, resource.value)
  const variables = variablesIn(written)
  // What a variable will hold is not known here: only what is written out is judged.
  const open = variables.map(({ field }) => field)
  const issues = await issuesOf(
    resource,
    filled(written, () => undefined),
  )
  for (const { path, message } of issues) {
    if (path === '' ? open.length > 0 : open.some((field) => path === field || field.startsWith(`${path}.`))) continue
    context.report(resource, `its ${path === '' ? 'value' : path}: ${message}`, fixOf(path))
  }
  return specOf(resource, written, context.locate(resource.definedAt))
}

/** The same of a resource as the folder holds it, for comparison with what was deployed. */
export function describeResource(resource: Resource, environment: string): Omit<ResourceSpec, 'definedAt'> {
  const { definedAt: _, ...spec } = specOf(resource, valueIn(resource, environment), null)
  return spec
}

/**
 * The value of a resource in an environment. Throws SECRET_MISSING or RESOURCE_INVALID, which name the resource, the
 * field, the environment and the fix, and never a value.
 */
export async function resolveResource<Value>(
  resource: Resource<Value>,
  { environment, variable }: ResourceWorld,
): Promise<ResolvedResource<Value>> {
  const { name } = resource
  const written = valueIn(resource, environment)
  const secrets: string[] = []
  const missing = variablesIn(written).filter(
    ({ variable: each, required }) => required && variable(each) === undefined,
  )
  if (missing.length > 0) throw variablesMissing(name, environment, missing)
  const given = filled(written, (ref) => {
    const text = variable(ref.$env)
    if (text !== undefined && text !== '') secrets.push(text)
    return text ?? ref.default
  })
  const checked = await resource.schema['~standard'].validate(given)
  if (checked.issues === undefined) return { value: checked.value, secrets }
  throw invalid(name, environment, checked.issues, variablesIn(written), secrets)
}

function specOf(resource: Resource, written: unknown, definedAt: ResourceSpec['definedAt']): ResourceSpec {
  const { name, description } = resource
  const fields = typeof written === 'object' && written !== null ? Object.keys(written).sort() : []
  return { name, description, fields, variables: variablesIn(written), definedAt }
}

function valueIn({ name, value }: Resource<never> | Resource, environment: string): unknown {
  return inEnvironment(value, environment, (named) => {
    throw new TraitlineError({
      code: 'RESOURCE_INVALID',
      message: `resource ${name}: one of its values is there for ${named.join(' and ')}, not for the environment ${environment}`,
      hint: `Add ${environment}, or default, to that perEnvironment.`,
      blame: 'config',
    })
  })
}

/** The variables that a value needs, with where it does. */
function variablesIn(value: unknown, path = ''): ResourceVariable[] {
  if (typeof value !== 'object' || value === null) return []
  if (isEnvRef(value as JsonValue)) {
    const { $env, default: fallback } = value as EnvRef
    return [{ variable: $env, field: path, required: fallback === undefined }]
  }
  return Object.entries(value).flatMap(([name, part]) => variablesIn(part, path === '' ? name : `${path}.${name}`))
}

function filled(value: unknown, textOf: (ref: EnvRef) => string | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (isEnvRef(value as JsonValue)) return textOf(value as EnvRef)
  if (Array.isArray(value)) return value.map((part) => filled(part, textOf))
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, unknown>>).flatMap(([name, part]) => {
      const found = filled(part, textOf)
      return found === undefined ? [] : [[name, found]]
    }),
  )
}

async function issuesOf(resource: Resource, value: unknown) {
  const { issues = [] } = await resource.schema['~standard'].validate(value)
  return issues.map((issue) => ({ path: pathOf(issue), message: issue.message }))
}

function pathOf({ path = [] }: ResourceIssue): string {
  return path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
}

function fixOf(path: string): string {
  return path === '' ? 'Make it what its schema says' : `Make ${path} what its schema says, or mend the schema`
}

function variablesMissing(name: string, environment: string, missing: readonly ResourceVariable[]): TraitlineError {
  const each = missing.map(({ variable, field }) => `${variable} for its ${field || 'value'}`)
  return new TraitlineError({
    code: 'SECRET_MISSING',
    message: `resource ${name} of the environment ${environment} lacks ${each.join(', ')}`,
    hint: `Set ${missing.map(({ variable }) => variable).join(', ')} where the worker starts.`,
    blame: 'config',
  })
}

function invalid(
  name: string,
  environment: string,
  issues: readonly ResourceIssue[],
  variables: readonly ResourceVariable[],
  secrets: readonly string[],
): TraitlineError {
  const hide = hiding(secrets)
  const told = issues.slice(0, 10).map((issue) => {
    const field = pathOf(issue)
    const from = variables.find((each) => each.field === field || each.field.startsWith(`${field}.`))
    return {
      place: `${field || 'value'}${from === undefined ? '' : ` (from ${from.variable})`}: ${hide(issue.message)}`,
      from,
    }
  })
  const named = [...new Set(told.flatMap(({ from }) => from?.variable ?? []))]
  return new TraitlineError({
    code: 'RESOURCE_INVALID',
    message: `resource ${name} of the environment ${environment} is not what its schema says: ${told.map(({ place }) => place).join('; ')}`,
    hint:
      named.length > 0
        ? `Set ${named.join(', ')} to what the schema asks for, where the worker starts.`
        : `Correct the value of ${name} for ${environment} in the project, and deploy it.`,
    blame: 'config',
  })
}
