import type { RunRequest, SourceLocation } from '../contract/index.ts'
import { secondsOf, type Duration } from './automation.ts'
import { checkDefinition } from './check.ts'
import { branded, type Definition } from './definition.ts'
import { locationOfCall } from './location.ts'
import type { Resource, UseResource } from './resource.ts'
import { madeResource } from './resource-shape.ts'
import { like, listOf, optional, shape, text, type Shapes } from './shape.ts'

/** What a sensor is told. */
export interface SensorContext {
  /** What it answered last as `cursor`; null at first. */
  readonly cursor: string | null
  readonly environment: string
  readonly project: string
  /** Aborted when its time is over. */
  readonly signal: AbortSignal
  /** A resource that the sensor declares, as it is in this environment. */
  readonly use: UseResource
}

/** What a sensor answers; nothing for no news. */
export interface SensorAnswer {
  /** How far it has looked: what it is told the next time. Left out, it stays as it was. */
  readonly cursor?: string | null
  readonly runs?: readonly RunRequest[]
}

export type SensorFunction = (context: SensorContext) => Promise<SensorAnswer | undefined> | SensorAnswer | undefined

/** Code that asks the world for news, again and again. */
export interface Sensor extends Definition {
  readonly kind: 'sensor'
  readonly description: string | null
  readonly everySeconds: number
  readonly timeoutSeconds: number
  readonly resources: readonly Resource[]
  readonly run: SensorFunction
}

export interface SensorOptions {
  readonly description?: string
  /** How often it is asked, at most: `30s`, `5m`, `1h`. The next time waits for the one before. */
  readonly every: Duration
  /** Default `60s`. */
  readonly timeout?: Duration
  /** What it uses: see `resource`. */
  readonly resources?: readonly Resource[]
  readonly run: SensorFunction
}

export const functionShape = like(
  shape('a function', (value) => typeof value === 'function'),
  'run: async () => ({ runs: [] })',
)
export const durationShape = shape('a duration', (value) => text.accepts(value) && secondsOf(value as string) > 0)

const options = {
  description: optional(text),
  every: like(durationShape, "every: '30s'"),
  timeout: optional(like(durationShape, "timeout: '60s'")),
  resources: optional(listOf('resources', madeResource)),
  run: functionShape,
} satisfies Shapes<SensorOptions>

/**
 * A sensor: stands in a project's `assets`. What it asks for is started once for each `runKey`, and its cursor moves on
 * together with that, so that a crash in between neither loses nor repeats a run.
 *
 * ```ts
 * sensor('new_exports', {
 *   every: '30s',
 *   run: async ({ cursor }) => {
 *     const files = await listExports({ after: cursor })
 *     return { cursor: files.at(-1)?.name ?? cursor, runs: files.map(({ name }) => ({ select: 'source/exports+', runKey: name })) }
 *   },
 * })
 * ```
 */
export function sensor(name: string, given: SensorOptions): Sensor {
  checkDefinition('sensor', name, given, options)
  return branded(
    {
      kind: 'sensor' as const,
      name,
      description: given.description ?? null,
      everySeconds: secondsOf(given.every),
      timeoutSeconds: secondsOf(given.timeout ?? '60s'),
      resources: Object.freeze([...(given.resources ?? [])]),
      run: given.run,
      refs: Object.freeze([...(given.resources ?? [])]) as readonly Definition[],
      definedAt: locationOfCall(sensor) as SourceLocation | null,
    },
    {},
  )
}
