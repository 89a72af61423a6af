import type { AssetKey } from '../../../contract/index.ts'
import { factsOf, it, its, leaf, listed, type Judged, type View } from '../judged.ts'

/** None of these is a cause, but for a check that passes: they say what something else has to wait for. */

export function judgeInProgress(_: unknown, subject: AssetKey, view: View): Judged {
  const { run } = factsOf(view, subject)
  const reason = run === null ? `no run under way has ${it(view, subject)}` : `${it(view, subject)} is in run ${run}`
  return leaf('in_progress', subject, { holds: run !== null, reason })
}

export function judgeFailed(_: unknown, subject: AssetKey, view: View): Judged {
  const holds = factsOf(view, subject).state.lastAttempt === 'failed'
  return leaf('failed', subject, {
    holds,
    reason: `${its(view, subject)} last attempt ${holds ? 'failed' : 'did not fail'}`,
  })
}

export function judgeCheckFailed(_: unknown, subject: AssetKey, view: View): Judged {
  const failed = factsOf(view, subject).state.latest?.failedChecks ?? []
  const reason =
    failed.length === 0 ? `${it(view, subject)} has no failed blocking check` : hasFailed(view, subject, failed)
  return leaf('check_failed', subject, { holds: failed.length > 0, reason })
}

function hasFailed(view: View, subject: AssetKey, failed: readonly string[]): string {
  const checks = failed.length === 1 ? 'a failed blocking check' : `${failed.length} failed blocking checks`
  return `${it(view, subject)} has ${checks}: ${listed(failed.slice(0, 3))}`
}

export function judgeCheckPassed({ check }: { readonly check: string | null }, subject: AssetKey, view: View): Judged {
  const { state, materialized, checks } = factsOf(view, subject)
  const passed = check === null ? state.latest !== null && state.latest.failedChecks.length === 0 : checks[check]
  const what = check === null ? 'blocking checks' : `check ${check}`
  const reason =
    passed === undefined || state.latest === null
      ? `${what} of ${it(view, subject)} ${check === null ? 'have' : 'has'} no result yet`
      : check === null && !passed
        ? hasFailed(view, subject, state.latest.failedChecks)
        : `${what} of ${it(view, subject)} ${passed ? 'passed' : 'failed'}`
  const name = check === null ? 'check_passed' : `check_passed(${check})`
  return leaf(name, subject, { holds: passed === true, reason, cause: `${name} ${subject}@${materialized ?? ''}` })
}
