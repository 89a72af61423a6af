import type { FreshnessPolicy } from '../../contract/index.ts'
import type { Moments, SlaMoments } from './judge.ts'

type Age = Extract<FreshnessPolicy, { readonly type: 'age' }>

export function judgeAge(policy: Age, { knownSince, last, due }: Moments, now: number): SlaMoments {
  const from = last === null ? knownSince : (due ?? last)
  const late = from + policy.failAfterMinutes * 60_000
  if (now >= late) return { status: 'late', since: late, deadline: late, changesAt: null }
  if (last === null) return { status: 'unknown', since: knownSince, deadline: late, changesAt: late }
  const warned = policy.warnAfterMinutes === null ? late : from + policy.warnAfterMinutes * 60_000
  if (now >= warned) return { status: 'warn', since: warned, deadline: late, changesAt: late }
  return { status: 'ok', since: last, deadline: late, changesAt: warned }
}
