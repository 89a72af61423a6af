import { checkDefinition } from './check.ts'
import { branded, definitionOf, type Definition } from './definition.ts'
import { locationOfCall } from './location.ts'
import { like, listOf, optional, text, type Shapes } from './shape.ts'

/** What may stand in a project's `assets`: an asset, or a dbt project for all of its models. */
export interface ProjectMember extends Definition {
  readonly kind: 'source' | 'dbt' | 'model' | 'notebook' | 'trait' | 'user_model' | 'audience' | 'sync'
}

export interface Project extends Definition {
  readonly kind: 'project'
  readonly timeZone: string
  readonly asOf: string | null
}

const member = definitionOf('source', 'dbt', 'model', 'notebook', 'trait', 'user_model', 'audience', 'sync')

const projectOptions = {
  assets: like(listOf('assets', member), 'assets: [atRisk, atRiskToCrm]'),
  timeZone: optional(text),
  asOf: optional(text),
} satisfies Shapes<Parameters<typeof project>[1]>

/**
 * A project: the default export of `traitline.ts`. All that its assets reference is part of it without being named.
 *
 * ```ts
 * export default project('shop', { timeZone: 'Europe/Berlin', assets: [warehouse, atRiskToCrm] })
 * ```
 */
export function project(
  name: string,
  options: {
    readonly assets: readonly ProjectMember[]
    /** Decides where days begin; default `UTC`. */
    readonly timeZone?: string
    /** "Now" for a project on historical data: ISO 8601 with a time zone. Default the clock. */
    readonly asOf?: string
  },
): Project {
  checkDefinition('project', name, options, projectOptions)
  return branded(
    {
      kind: 'project' as const,
      name,
      timeZone: options.timeZone ?? 'UTC',
      asOf: options.asOf ?? null,
      refs: Object.freeze([...options.assets]),
      definedAt: locationOfCall(project),
    },
    {},
  )
}
