import { parseCron, type AutomationCondition, type CronTrigger } from '../contract/index.ts'
import type { AssetInfo, Definition } from '../define/definition.ts'
import type { Context } from './context.ts'
import { isTimeZone } from './settings.ts'

/** A day is far beyond what anyone waits for news to calm down. */
const mostQuietMinutes = 7 * 24 * 60

/** Conditions are read by people, and judged whole at each change. */
const mostConditions = 100

/**
 * The condition of an asset with nothing left open, as a part of its spec: crons have their zone. Reports what cannot
 * be, such as a cron that never comes.
 */
export function compileAutomation(
  definition: Definition & AssetInfo,
  hasDeps: boolean,
  context: Context,
): { readonly automation?: AutomationCondition } {
  if (definition.automation === null) return {}
  const report = (reason: string, fix: string): void => context.report(definition, reason, fix)
  let count = 0

  const trigger = (given: CronTrigger): CronTrigger => {
    const cron = parseCron(given.cron)
    if (typeof cron === 'string') {
      report(`its cron "${given.cron}" cannot be read: ${cron}`, 'Write five fields, such as 0 6 * * mon-fri')
    }
    const timeZone = given.timeZone === '' ? context.settings.timeZone : given.timeZone
    if (!isTimeZone(timeZone)) {
      report(`the time zone "${timeZone}" of its cron is none`, 'Use a name such as Europe/Berlin, or UTC')
    }
    if (!(given.catchUpSeconds >= 10)) {
      report('the catch-up window of its cron is no duration of at least 10 s', 'Write it like 10m, 6h or 7d')
    }
    return { ...given, timeZone }
  }

  const visit = (condition: AutomationCondition, ofDeps: boolean): AutomationCondition => {
    count++
    switch (condition.op) {
      case 'and':
      case 'or':
        if (condition.of.length === 0) report(`its automation has an empty "${condition.op}"`, 'Name what has to hold')
        return { ...condition, of: condition.of.map((part) => visit(part, ofDeps)) }
      case 'not':
        return { ...condition, of: visit(condition.of, ofDeps) }
      case 'any_deps':
      case 'all_deps':
        if (!hasDeps && !ofDeps) report(readsNothing(condition.op), 'Use a condition on the asset itself')
        return { ...condition, of: visit(condition.of, true) }
      case 'on_upstream_change':
      case 'upstream_changed':
        if (!hasDeps && !ofDeps) report(readsNothing(condition.op), 'Use a cron: automation.onCron(...)')
        return condition
      case 'quiet_for':
        if (!hasDeps && !ofDeps) report(readsNothing(condition.op), 'Use a cron: automation.onCron(...)')
        if (!(condition.minutes > 0 && condition.minutes <= mostQuietMinutes)) {
          report(
            `it waits for ${condition.minutes} minutes of quiet`,
            `Name more than 0 and at most ${mostQuietMinutes}`,
          )
        }
        return condition
      case 'on_cron':
      case 'cron':
        if (ofDeps) report(`its automation has a cron within any_deps or all_deps`, 'Put it beside them, with and()')
        return { ...condition, trigger: trigger(condition.trigger) }
      default:
        return condition
    }
  }

  const automation = visit(definition.automation, false)
  if (count > mostConditions) report(`its automation has ${count} conditions`, `Use at most ${mostConditions}`)
  if (!canStart(automation)) {
    report(
      'nothing can ever start it: its automation only says what something would wait for',
      'Combine it with what happens, such as automation.eager(), onCron, onMissing, onUpstreamChange or checkPassed',
    )
  }
  return { automation }
}

/** Whether there is a cause in it: that something fails, is under way or is not so starts nothing by itself. */
export function canStart(condition: AutomationCondition): boolean {
  switch (condition.op) {
    case 'and':
    case 'or':
      // An empty one is another problem.
      return condition.of.length === 0 || condition.of.some(canStart)
    case 'any_deps':
    case 'all_deps':
      return canStart(condition.of)
    case 'not':
    case 'failed':
    case 'in_progress':
    case 'check_failed':
      return false
    default:
      return true
  }
}

function readsNothing(op: string): string {
  return `its automation has ${op}, and it reads nothing`
}
