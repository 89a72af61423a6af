import type { FreshnessClock, FreshnessPolicy } from '../contract/index.ts'
import { checkArguments } from './check.ts'
import { like, number, object, oneOf, optional, shape, someText } from './shape.ts'

const since = optional(oneOf(['success', 'materialization', 'change']))

interface Since {
  /**
   * What counts: a `success` (a run materialised the asset, or looked and found it fresh; the default), a
   * `materialization`, or a `change` of its content.
   */
  readonly since?: FreshnessClock
}

/**
 * Late once so much time has passed.
 *
 * ```ts
 * freshness: freshWithin({ warnAfterMinutes: 6 * 60, failAfterMinutes: 24 * 60 })
 * ```
 */
export function freshWithin(
  options: Since & { readonly warnAfterMinutes?: number; readonly failAfterMinutes: number },
): FreshnessPolicy {
  const asked = object({ since, warnAfterMinutes: optional(number), failAfterMinutes: number })
  checkArguments('freshWithin', { options: asked }, { options })
  const { since: clock = 'success', warnAfterMinutes = null, failAfterMinutes } = options
  return Object.freeze({ type: 'age' as const, since: clock, warnAfterMinutes, failAfterMinutes })
}

/**
 * To be there by a time of day: five fields of cron (minute, hour, day of month, month, day of week) in a time zone,
 * the project's unless told. Late from a deadline on until the asset is there; the deadline is met by whatever happened
 * since the one before, or within the window if there is one. A deadline that daylight saving skips is at the end of
 * the gap; of one that comes twice the first counts.
 *
 * ```ts
 * freshness: freshBy('0 6 * * 1-5', { timeZone: 'Europe/Berlin', windowMinutes: 6 * 60, warnBeforeMinutes: 30 })
 * ```
 */
export function freshBy(
  cron: string,
  options: Since & {
    readonly timeZone?: string
    readonly windowMinutes?: number
    readonly warnBeforeMinutes?: number
  } = {},
): Omit<Extract<FreshnessPolicy, { readonly type: 'deadline' }>, 'timeZone'> & { readonly timeZone: string | null } {
  const minutes = { windowMinutes: optional(number), warnBeforeMinutes: optional(number) }
  const asked = object({ since, timeZone: optional(someText), ...minutes })
  checkArguments('freshBy', { cron: someText, options: asked }, { cron, options })
  const { since: clock = 'success', timeZone = null, windowMinutes = null, warnBeforeMinutes = null } = options
  return Object.freeze({ type: 'deadline' as const, since: clock, cron, timeZone, windowMinutes, warnBeforeMinutes })
}

/** A policy as it is written: its time zone may be the project's. */
export type Freshness = ReturnType<typeof freshWithin> | ReturnType<typeof freshBy>

/** What one of these functions made. */
export const madeFreshness = like(
  shape('a policy, as freshWithin or freshBy makes', (value) => {
    return (
      typeof value === 'object' && value !== null && 'type' in value && ['age', 'deadline'].includes(String(value.type))
    )
  }),
  'freshness: freshWithin({ failAfterMinutes: 60 })',
)
