import type { AssetKey, AutomationCondition } from '../../../contract/index.ts'
import { earliest, it, listed, type Judged, type View } from '../judged.ts'

type Of<Op extends AutomationCondition['op']> = Extract<AutomationCondition, { readonly op: Op }>

/** Deps that a tree shows: those that decided first. */
const shownDeps = 5

export function judgeAnd(
  { of }: { readonly of: readonly AutomationCondition[] },
  subject: AssetKey,
  view: View,
): Judged {
  const parts = of.map((part) => view.judge(part, subject))
  const failing = parts.find((part) => !part.holds)
  const holding = parts.find((part) => part.causes.length > 0) ?? parts[0]
  return joined('and', subject, parts, failing === undefined, (failing ?? holding)?.reason ?? 'nothing has to hold')
}

export function judgeOr(
  { of }: { readonly of: readonly AutomationCondition[] },
  subject: AssetKey,
  view: View,
): Judged {
  const parts = of.map((part) => view.judge(part, subject))
  const holding = parts.find((part) => part.holds)
  const reason = holding?.reason ?? listed([...new Set(parts.map((part) => part.reason))])
  return joined('or', subject, parts, holding !== undefined, reason)
}

/** That something is not so is no cause. */
export function judgeNot({ of }: Of<'not'>, subject: AssetKey, view: View): Judged {
  const part = view.judge(of, subject)
  return {
    ...{ condition: `not(${part.condition})`, subject, holds: !part.holds, reason: part.reason },
    ...{ causes: [], stirred: false, nextAt: part.nextAt, of: part.of === undefined ? undefined : [part] },
  }
}

export function judgeAnyDeps({ of }: Of<'any_deps'>, subject: AssetKey, view: View): Judged {
  const parts = view.graph.upstream(subject).map((dep) => view.judge(of, dep))
  const holding = parts.find((part) => part.holds)
  const reason = holding?.reason ?? overDeps(view, subject, parts, 'nothing that', 'is so')
  return shortened(joined('or', subject, parts, holding !== undefined, reason, 'any_deps'), (part) => part.holds)
}

export function judgeAllDeps({ of }: Of<'all_deps'>, subject: AssetKey, view: View): Judged {
  const parts = view.graph.upstream(subject).map((dep) => view.judge(of, dep))
  const failing = parts.find((part) => !part.holds)
  const reason = failing?.reason ?? overDeps(view, subject, parts, 'everything that', 'is so')
  return shortened(joined('and', subject, parts, failing === undefined, reason, 'all_deps'), (part) => !part.holds)
}

function overDeps(view: View, subject: AssetKey, parts: readonly Judged[], who: string, so: string): string {
  const reads = `${who} ${it(view, subject)} reads`
  return parts.length === 0 ? `${it(view, subject)} reads nothing` : `${reads} ${so}: ${parts[0]?.condition ?? ''}`
}

function joined(
  op: 'and' | 'or',
  subject: AssetKey,
  of: readonly Judged[],
  holds: boolean,
  reason: string,
  condition: string = op,
): Judged {
  const causes = holds ? of.filter((part) => part.holds).flatMap((part) => part.causes) : []
  const stirred = of.some((part) => part.stirred)
  // Where all have to hold, time alone changes nothing while one waits for an event.
  const failing = op === 'and' && !holds ? of.filter((part) => !part.holds) : of
  const timed = op === 'and' && !holds && failing.some((part) => part.nextAt === null) ? [] : failing
  return { condition, subject, holds, reason, causes, stirred, nextAt: earliest(timed.map((part) => part.nextAt)), of }
}

function shortened(judged: Judged, decided: (part: Judged) => boolean): Judged {
  const parts = judged.of ?? []
  const condition = `${judged.condition}(${parts[0]?.condition ?? ''})`
  const ordered = [...parts.filter(decided), ...parts.filter((part) => !decided(part))]
  const more = Math.max(0, ordered.length - shownDeps)
  return { ...judged, condition, of: ordered.slice(0, shownDeps), ...(more > 0 && { more }) }
}
