import type { FreshnessFacts, FreshnessPolicy, Sla } from '../../contract/index.ts'
import { judgeAge } from './age.ts'
import { judgeDeadline } from './deadline.ts'

type JudgeOf<Type extends FreshnessPolicy['type']> = (
  policy: Extract<FreshnessPolicy, { readonly type: Type }>,
  facts: Moments,
  now: number,
) => SlaMoments

/** What counts of the facts, in milliseconds. */
export interface Moments {
  readonly knownSince: number
  /** Null before the first. */
  readonly last: number | null
  /** When the first window that is not there has ended; null for an asset that is not cut by time. */
  readonly due: number | null
}

export interface SlaMoments {
  readonly status: Sla['status']
  readonly since: number
  readonly deadline: number | null
  readonly changesAt: number | null
}

const judges: { readonly [Type in FreshnessPolicy['type']]: JudgeOf<Type> } = {
  age: judgeAge,
  deadline: judgeDeadline,
}

const moments = { success: 'succeededAt', materialization: 'materializedAt', change: 'changedAt' } as const

/**
 * How an asset stands to its policy at a moment:
 *
 * - `ok` since its latest success, `warn` and `late` since the moment that the policy names;
 * - `unknown` if it was never materialised and is not late yet.
 *
 * Of an asset that is cut by time (see `withWindows`) a window that is due and not there is what counts: an age begins
 * when that has ended, and the first deadline after that is not met, whatever else was made anew.
 *
 * `changesAt` is when that changes if nothing happens: whoever watches need not look before.
 *
 * @example
 * judgeFreshness({ type: 'age', since: 'success', warnAfterMinutes: null, failAfterMinutes: 60 }, facts, Date.now())
 * // { status: 'late', since: '2026-03-29T07:00:00.000Z', deadline: '2026-03-29T07:00:00.000Z', changesAt: null }
 */
export function judgeFreshness(policy: FreshnessPolicy, facts: FreshnessFacts, now: number): Sla {
  const last = facts[moments[policy.since]]
  const due = facts.windowDue
  if (last !== null && due === 'never') return { status: 'ok', since: last, deadline: null, changesAt: null }
  const seen = last === null ? null : Date.parse(last)
  const known = {
    knownSince: Date.parse(facts.knownSince),
    last: seen,
    due: due === undefined ? null : Date.parse(due),
  }
  const judge = judges[policy.type] as JudgeOf<typeof policy.type>
  const { status, since, deadline, changesAt } = judge(policy as never, known, now)
  const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())
  return { status, since: new Date(since).toISOString(), deadline: iso(deadline), changesAt: iso(changesAt) }
}
