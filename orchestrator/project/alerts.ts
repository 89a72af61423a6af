import { isTraitlineError, type AlertSpec, type AssetSpec } from '../contract/index.ts'
import type { Project } from '../define/project.ts'
import { buildGraph, select } from '../graph/index.ts'
import type { Context } from './context.ts'

/** Alerts with their selections resolved, in the order of the project. */
export function compileAlerts(
  project: Project,
  specs: readonly Omit<AssetSpec, 'codeVersion'>[],
  context: Context,
): AlertSpec[] {
  const names = new Set<string>()
  return project.alerts.map((alert) => {
    const { name, on, select: selection, to, throttleMinutes, recovered, groupMinutes, rejectedOver, definedAt } = alert
    const report = (reason: string, fix: string): void =>
      context.problems.add({ name: `alert ${name}`, at: context.locate(definedAt), reason, fix })
    if (names.has(name)) report('it is defined twice', 'Rename one of the two')
    names.add(name)
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) {
      report('its name is not lower-case letters, digits and underscores', 'Rename it, like on_call')
    }
    if (on.length === 0) report('it is about nothing', "Name what it is on, like on: ['run_failed']")
    if (to.length === 0) report('it tells nobody', "Name a target, like to: [slackWebhook(env('SLACK_ALERTS_URL'))]")
    if (rejectedOver !== null && Object.keys(rejectedOver).length === 0) {
      report('its rejectedOver says neither rows nor a share', 'Say one, like rejectedOver: { share: 0.01 }')
    }
    const chosen = (): AlertSpec['assets'] => {
      if (selection === null) return null
      try {
        return select(buildGraph(specs as readonly AssetSpec[]), selection)
      } catch (error) {
        if (!isTraitlineError(error)) throw error
        report(error.message, error.hint)
        return []
      }
    }
    return {
      ...{ name, on, assets: chosen(), to, throttleMinutes, recovered },
      ...(groupMinutes !== null && { groupMinutes }),
      ...(rejectedOver !== null && { rejectedOver }),
    }
  })
}
