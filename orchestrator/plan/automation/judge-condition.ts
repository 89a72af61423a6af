import { cronName, type AssetKey, type AutomationCondition } from '../../contract/index.ts'
import { judgeCodeChanged, judgeInitialEvaluation, judgeMissing } from './conditions/data.ts'
import { judgeNewlyUpdated, judgeUpstreamChanged } from './conditions/data.ts'
import { judgeAllDeps, judgeAnd, judgeAnyDeps, judgeNot, judgeOr } from './conditions/logic.ts'
import { judgeCheckFailed, judgeCheckPassed, judgeFailed, judgeInProgress } from './conditions/state.ts'
import { judgeCron, judgeQuietFor } from './conditions/time.ts'
import { expansionOf } from './expansion.ts'
import type { Judged, View } from './judged.ts'

type Of<Op extends AutomationCondition['op']> = Extract<AutomationCondition, { readonly op: Op }>
type Judges = {
  readonly [Op in AutomationCondition['op']]: (condition: Of<Op>, subject: AssetKey, view: View) => Judged
}

const judges: Judges = {
  and: judgeAnd,
  or: judgeOr,
  not: judgeNot,
  any_deps: judgeAnyDeps,
  all_deps: judgeAllDeps,
  eager: judgeExpanded,
  on_missing: judgeExpanded,
  on_upstream_change: judgeExpanded,
  on_cron: judgeExpanded,
  cron: judgeCron,
  quiet_for: judgeQuietFor,
  missing: judgeMissing,
  code_changed: judgeCodeChanged,
  upstream_changed: judgeUpstreamChanged,
  newly_updated: judgeNewlyUpdated,
  initial_evaluation: judgeInitialEvaluation,
  in_progress: judgeInProgress,
  failed: judgeFailed,
  check_failed: judgeCheckFailed,
  check_passed: judgeCheckPassed,
}

export function judgeCondition(condition: AutomationCondition, subject: AssetKey, view: View): Judged {
  const judge = judges[condition.op] as (condition: AutomationCondition, subject: AssetKey, view: View) => Judged
  return judge(condition, subject, view)
}

function judgeExpanded(condition: AutomationCondition, subject: AssetKey, view: View): Judged {
  const name = condition.op === 'on_cron' ? `on_cron(${cronName(condition.trigger)})` : condition.op
  return { ...judgeAnd({ of: expansionOf(condition) ?? [] }, subject, view), condition: name }
}
