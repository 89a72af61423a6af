import { cronName, type AssetKey, type CronTrigger } from '../../../contract/index.ts'
import { factsOf, it, leaf, type Judged, type View } from '../judged.ts'

export function judgeCron({ trigger }: { readonly trigger: CronTrigger }, subject: AssetKey, view: View): Judged {
  const name = cronName(trigger)
  const tick = view.ticks[name]
  const served = view.memory.ticks[name]
  const holds = tick !== undefined && (served === undefined || tick > served)
  const reason = holds ? `${tick} came, a time of ${name}` : `no time of ${name} came since`
  return leaf(`cron(${name})`, subject, { holds, reason, cause: `cron ${name}@${tick ?? ''}` })
}

const minuteMs = 60_000

/** Counts what differs from what it read: a long-known change of another dep does not keep it waiting. */
export function judgeQuietFor({ minutes }: { readonly minutes: number }, subject: AssetKey, view: View): Judged {
  let last: { readonly dep: AssetKey; readonly at: number } | null = null
  for (const dep of view.graph.upstream(subject)) {
    const { changedAt } = factsOf(view, dep)
    const at = changedAt === null ? null : Date.parse(changedAt)
    if (at !== null && (last === null || at > last.at)) last = { dep, at }
  }
  const condition = `quiet_for(${minutes})`
  if (last === null) {
    return leaf(condition, subject, { holds: true, reason: `nothing that ${it(view, subject)} reads ever changed` })
  }
  const quietAt = last.at + minutes * minuteMs
  const holds = view.now >= quietAt
  const when = new Date(holds ? last.at : quietAt).toISOString()
  const reason = holds
    ? `what ${it(view, subject)} reads is quiet since ${when}`
    : `${last.dep} changed less than ${minutes} minutes ago: quiet at ${when}`
  const cause = `quiet ${subject}@${last.at}`
  return leaf(condition, subject, { holds, reason, cause, ...(!holds && { nextAt: quietAt }) })
}
