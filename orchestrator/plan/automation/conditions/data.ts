import type { AssetKey, AssetSpec } from '../../../contract/index.ts'
import { latestWindow } from '../../../graph/index.ts'
import { factsOf, it, its, leaf, listed, type Judged, type View } from '../judged.ts'

/** Of an asset that is cut by time: that its latest window is not there. The ones before are a backfill's. */
function judgeMissingWindow(subject: AssetKey, { partitions }: AssetSpec, view: View): Judged | null {
  const window = partitions === undefined ? null : latestWindow(partitions, view.clock)
  if (window === null) return null
  const { latestPosition = null } = factsOf(view, subject)
  const starting = subject !== view.owner && view.starting.has(subject)
  const lacks = latestPosition === null || latestPosition < window.start
  const words = `${its(view, subject)} partition ${window.key}`
  const reason = !lacks ? `${words} is there` : starting ? `${words} goes into the same run` : `${words} was never made`
  const cause = `missing ${subject} ${window.key} ${versionsRead(view, subject).join(' ')}`
  // A clock that stands still ends no window.
  const next = window.nextEnd === null || view.clock !== view.now ? {} : { nextAt: window.nextEnd }
  return leaf('missing', subject, { holds: lacks && !starting, reason, cause, ...next })
}

export function judgeMissing(_: unknown, subject: AssetKey, view: View): Judged {
  const spec = view.graph.get(subject)
  const ofWindow = spec === undefined ? null : judgeMissingWindow(subject, spec, view)
  if (ofWindow !== null) return ofWindow
  const { latest } = factsOf(view, subject).state
  const starting = subject !== view.owner && view.starting.has(subject)
  const holds = latest === null && !starting
  const reason = holds
    ? `${it(view, subject)} was never materialised`
    : starting && latest === null
      ? `${subject} goes into the same run`
      : `${it(view, subject)} is there`
  // An attempt that failed is worth another once what it reads has changed, or its definition.
  const cause = `missing ${subject}@${view.graph.get(subject)?.codeVersion ?? ''} ${versionsRead(view, subject).join(' ')}`
  return leaf('missing', subject, { holds, reason, cause })
}

export function judgeCodeChanged(_: unknown, subject: AssetKey, view: View): Judged {
  const { latest } = factsOf(view, subject).state
  const codeVersion = view.graph.get(subject)?.codeVersion ?? ''
  const holds = latest !== null && latest.codeVersion !== codeVersion
  const reason = `${its(view, subject)} definition ${holds ? 'changed' : 'is the same'}`
  return leaf('code_changed', subject, { holds, reason, cause: `code ${subject}@${codeVersion}` })
}

/** Also true of what will run before it in the same run: it may change, and then it is in the run already. */
export function judgeUpstreamChanged(_: unknown, subject: AssetKey, view: View): Judged {
  const { latest } = factsOf(view, subject).state
  const changed: string[] = []
  const causes: string[] = []
  for (const dep of view.graph.upstream(subject)) {
    const current = factsOf(view, dep).state.latest
    const starting = view.starting.get(dep)
    if (starting !== undefined) {
      changed.push(`${dep} goes into the same run`)
      causes.push(`${dep}>${starting}`)
    } else if (latest !== null && current !== null && latest.upstream[dep] !== current.dataVersion) {
      changed.push(`${dep} changed`)
      causes.push(`${dep}@${current.dataVersion}`)
    }
  }
  const holds = changed.length > 0
  const more = changed.length > 3 ? [`${changed.length - 2} more changed`] : []
  const reason = holds
    ? listed([...changed.slice(0, more.length > 0 ? 2 : 3), ...more])
    : `nothing that ${it(view, subject)} reads has changed`
  return leaf('upstream_changed', subject, { holds, reason, cause: `upstream ${causes.join(' ')}` })
}

export function judgeNewlyUpdated(_: unknown, subject: AssetKey, view: View): Judged {
  const { materialized } = factsOf(view, subject)
  const holds = materialized !== null && materialized > view.memory.sequence
  const reason = `${it(view, subject)} was ${holds ? '' : 'not '}materialised since`
  return leaf('newly_updated', subject, { holds, reason, cause: `updated ${subject}@${materialized ?? ''}` })
}

export function judgeInitialEvaluation(_: unknown, subject: AssetKey, view: View): Judged {
  const reason = view.first ? 'its condition is new' : 'its condition was looked at before'
  const cause = `initial ${view.memory.sequence}`
  // It ends with this look, without an event.
  return leaf('initial_evaluation', subject, {
    holds: view.first,
    reason,
    cause,
    ...(view.first && { nextAt: view.now + 1 }),
  })
}

function versionsRead(view: View, subject: AssetKey): string[] {
  return view.graph.upstream(subject).map((dep) => factsOf(view, dep).state.latest?.dataVersion ?? '-')
}
