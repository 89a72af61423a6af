import { parseCron, type Cron, type FreshnessPolicy } from '../../contract/index.ts'
import { lastTick, nextTick } from '../../graph/index.ts'
import type { Moments, SlaMoments } from './judge.ts'

type Deadline = Extract<FreshnessPolicy, { readonly type: 'deadline' }>

/** A window of a month over a cron of each minute is no policy; but it must not hang either. */
const mostDeadlines = 50_000

const crons = new Map<string, Cron>()

function cronOf(text: string): Cron {
  const known = crons.get(text)
  if (known !== undefined) return known
  const cron = parseCron(text)
  if (typeof cron === 'string') throw new Error(`the cron "${text}" of a manifest cannot be read: ${cron}`)
  crons.set(text, cron)
  return cron
}

/**
 * Late from the first deadline on that nothing met. A deadline is met by a success in its window, which without a
 * length of its own begins at the deadline before.
 */
export function judgeDeadline(policy: Deadline, { knownSince, last, due: window }: Moments, now: number): SlaMoments {
  const cron = cronOf(policy.cron)
  const { timeZone, windowMinutes, warnBeforeMinutes } = policy
  const opens = (deadline: number): number =>
    windowMinutes === null ? lastTick(cron, timeZone, deadline - 1) : deadline - windowMinutes * 60_000

  const cut = last !== null && window !== null
  let due = nextTick(cron, timeZone, cut ? window - 1 : (last ?? knownSince))
  for (let at = 0; !cut && last !== null && last >= opens(due) && at < mostDeadlines; at++)
    due = nextTick(cron, timeZone, due)
  if (now >= due) return { status: 'late', since: due, deadline: nextTick(cron, timeZone, now), changesAt: null }
  if (last === null) return { status: 'unknown', since: knownSince, deadline: due, changesAt: due }
  // Before its window opens nothing could be done about it.
  const warned = warnBeforeMinutes === null ? due : Math.max(due - warnBeforeMinutes * 60_000, opens(due))
  if (now >= warned) return { status: 'warn', since: warned, deadline: due, changesAt: due }
  return { status: 'ok', since: last, deadline: due, changesAt: warned }
}
