import type { OpenLineageSettings } from '../contract/index.ts'
import { madeAlert, type Alert } from './alert.ts'
import { checkDefinition } from './check.ts'
import { branded, definitionOf, type Definition } from './definition.ts'
import { pools, runQueue, type PoolOptions, type RunQueueOptions } from './limits.ts'
import { locationOfCall } from './location.ts'
import { byEnvironment, type ByEnvironment } from './per-environment.ts'
import type { Retention } from '../contract/index.ts'
import { retention, retentionOf, type RetentionOptions } from './retention.ts'
import { flag, like, listOf, object, optional, someText, text, type Shapes } from './shape.ts'

/** What may stand in a project's `assets`: an asset, or a dbt project for all of its models. */
export interface ProjectMember extends Definition {
  readonly kind:
    'source' | 'dbt' | 'model' | 'notebook' | 'trait' | 'user_model' | 'audience' | 'sync' | 'sensor' | 'webhook'
}

export interface Project extends Definition {
  readonly kind: 'project'
  readonly timeZone: string
  readonly asOf: string | null
  /** Null for the one that is made of its name. */
  readonly schema: ByEnvironment<string> | null
  readonly pools: PoolOptions
  readonly runQueue: RunQueueOptions
  readonly openLineage: OpenLineageSettings
  readonly retention: Partial<Retention> | null
  readonly alerts: readonly Alert[]
}

const member = definitionOf(
  'source',
  'dbt',
  'model',
  'notebook',
  'trait',
  'user_model',
  'audience',
  'sync',
  'sensor',
  'webhook',
)

const openLineage = object({
  namespace: optional(someText),
  sql: optional(flag),
} satisfies Shapes<OpenLineageSettings>)

const projectOptions = {
  assets: like(listOf('assets', member), 'assets: [atRisk, atRiskToCrm]'),
  timeZone: optional(text),
  asOf: optional(text),
  schema: optional(byEnvironment(someText)),
  pools: optional(pools),
  runQueue: optional(runQueue),
  openLineage: optional(openLineage),
  retention: optional(retention),
  alerts: optional(listOf('alerts', madeAlert)),
} satisfies Shapes<Parameters<typeof project>[1]>

/**
 * A project: the default export of `traitline.ts`. All that its assets reference is part of it without being named.
 *
 * ```ts
 * export default project('shop', {
 *   timeZone: 'Europe/Berlin',
 *   pools: { warehouse: 4, ads_api: 1 },
 *   assets: [warehouse, atRiskToCrm],
 * })
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
    /** The warehouse's schema for Traitline's own tables: default `traitline_<name>`. */
    readonly schema?: ByEnvironment<string>
    /**
     * How many steps of an environment may have a slot of each pool at once; assets name the pools that they need.
     * `warehouse` is the pool of everything that writes to the warehouse. Projects that name the same pool share it,
     * and the lowest of their limits holds.
     */
    readonly pools?: PoolOptions
    /** How many runs may be under way: `{ limit: 10, tags: [{ key: 'team', limit: 2 }] }`. Default: all. */
    readonly runQueue?: RunQueueOptions
    /**
     * What is told to an OpenLineage endpoint, if the environment names one (OPENLINEAGE_URL): the namespace of the
     * project's jobs, and with `sql: false` no text of queries.
     */
    readonly openLineage?: OpenLineageSettings
    /** How long the past is kept: `{ events: '400d', logs: '30d' }` unless told. */
    readonly retention?: RetentionOptions
    /** Who is told of what goes wrong: see `alert`. */
    readonly alerts?: readonly Alert[]
  },
): Project {
  checkDefinition('project', name, options, projectOptions)
  return branded(
    {
      kind: 'project' as const,
      name,
      timeZone: options.timeZone ?? 'UTC',
      asOf: options.asOf ?? null,
      schema: options.schema ?? null,
      pools: Object.freeze({ ...options.pools }),
      runQueue: Object.freeze({ ...options.runQueue }),
      openLineage: Object.freeze({ ...options.openLineage }),
      retention: retentionOf(options.retention),
      alerts: Object.freeze([...(options.alerts ?? [])]),
      refs: Object.freeze([...options.assets]),
      definedAt: locationOfCall(project),
    },
    {},
  )
}
