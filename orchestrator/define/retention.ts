import type { Retention } from '../contract/index.ts'
import { like, object, optional, shape, type Shapes } from './shape.ts'

/** A number of days: `400d`. */
export type Days = `${number}d`

export interface RetentionOptions {
  /** The event log: default `400d`. Months go whole, once no project of the database wants them. */
  readonly events?: Days
  /** What steps printed, and executed notebooks: default `30d`. */
  readonly logs?: Days
}

const written = /^([1-9]\d{0,4})d$/

const days = like(
  shape('a number of days', (value) => typeof value === 'string' && written.test(value)),
  "logs: '30d'",
)

export const retention = object({ events: optional(days), logs: optional(days) } satisfies Shapes<RetentionOptions>)

/** What was said of it; null for nothing. */
export function retentionOf(options: RetentionOptions | undefined): Partial<Retention> | null {
  if (options === undefined) return null
  return {
    ...(options.events !== undefined && { eventsDays: daysOf(options.events) }),
    ...(options.logs !== undefined && { logsDays: daysOf(options.logs) }),
  }
}

function daysOf(text: Days): number {
  return Number(written.exec(text)?.[1])
}
