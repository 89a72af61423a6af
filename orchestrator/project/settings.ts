import { maxIdentifier, projectSchema, syncSchema, type SourceLocation } from '../contract/index.ts'
import { inEnvironment } from '../define/per-environment.ts'
import type { Project } from '../define/project.ts'
import type { Problems } from './problems.ts'

/** What holds for the whole project. */
export interface ProjectSettings {
  readonly name: string
  readonly timeZone: string
  readonly asOf: string | null
  /** Schema of Traitline's own tables. */
  readonly schema: string
}

/** `locate` writes places relative to the project's folder. */
export function projectSettings(
  project: Project,
  problems: Problems,
  locate: (at: SourceLocation | null) => SourceLocation | null,
  environment = 'dev',
): ProjectSettings {
  const report = (reason: string, fix: string): void =>
    problems.add({ name: `project ${project.name}`, at: locate(project.definedAt), reason, fix })
  if (!isTimeZone(project.timeZone)) {
    report(`"${project.timeZone}" is no time zone`, 'Use a name such as Europe/Berlin, or UTC')
  }
  const asOf = project.asOf === null ? null : instant(project.asOf)
  if (asOf === undefined) {
    report(`asOf "${project.asOf}" is no instant`, 'Write it with a time zone, such as 1998-07-01T00:00:00Z')
  }
  const schema = inEnvironment(project.schema, environment, (named) =>
    report(
      `its schema is there for ${named.join(' and ')}, not for the environment ${environment}`,
      `Add ${environment}, or default, to that perEnvironment`,
    ),
  )
  if (typeof schema === 'string' && !schemaPattern.test(schema)) {
    report(
      `its schema "${schema}" is no name for one`,
      `Use lower-case letters, digits and underscores, at most ${maxSchema} of them`,
    )
  }
  return {
    name: project.name,
    timeZone: project.timeZone,
    asOf: asOf ?? null,
    schema: typeof schema === 'string' ? schema : projectSchema(project.name),
  }
}

const maxSchema = maxIdentifier - syncSchema('').length
const schemaPattern = new RegExp(`^[a-z_][a-z0-9_]{0,${maxSchema - 1}}$`)

export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

const isoInstant = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/

/** In UTC; undefined for what is no instant, 30 February included. */
export function instant(text: string): string | undefined {
  const match = isoInstant.exec(text)
  const date = new Date(text)
  if (match === null || Number.isNaN(date.getTime())) return undefined
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number]
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) return undefined
  return date.toISOString().replace('.000Z', 'Z')
}
