import { parseCron, type AssetKey, type FreshnessPolicy } from '../contract/index.ts'
import type { AssetInfo, Definition } from '../define/definition.ts'
import type { Collected } from './collect.ts'
import { keyOf } from './collect.ts'
import type { Context, Draft } from './context.ts'
import { isTimeZone } from './settings.ts'

/** The policy of each asset that has one. A dbt project's holds for all of its models. */
export function compileFreshness(
  drafts: readonly Draft[],
  collected: Collected,
  context: Context,
): ReadonlyMap<AssetKey, FreshnessPolicy> {
  const found = new Map<AssetKey, FreshnessPolicy>()
  for (const kind of ['source', 'notebook', 'trait', 'user_model', 'audience', 'sync'] as const) {
    for (const definition of collected.of(kind) as readonly (Definition & AssetInfo)[]) {
      const policy = compilePolicy(definition, context)
      if (policy !== null) found.set(keyOf(definition), policy)
    }
  }
  for (const definition of collected.of('dbt')) {
    const policy = compilePolicy(definition, context)
    if (policy === null) continue
    for (const { spec } of drafts) {
      if (spec.kind === 'model' && spec.key.startsWith(`model/${definition.name}/`)) found.set(spec.key, policy)
    }
  }
  return found
}

function compilePolicy(definition: Definition & AssetInfo, context: Context): FreshnessPolicy | null {
  const { freshness } = definition
  if (freshness === null) return null
  const report = (reason: string, fix: string): void =>
    context.report(definition, `its freshness policy is not valid: ${reason}`, fix)
  for (const [name, value] of Object.entries(freshness)) {
    if (name.endsWith('Minutes') && value !== null && !(Number(value) > 0))
      report(`${name} is ${value}`, 'Use a number above 0')
  }
  if (freshness.type === 'age') {
    const { warnAfterMinutes, failAfterMinutes } = freshness
    if (warnAfterMinutes !== null && warnAfterMinutes >= failAfterMinutes) {
      report(`it warns after ${warnAfterMinutes} minutes and fails after ${failAfterMinutes}`, 'Warn earlier')
    }
    return freshness
  }
  const timeZone = freshness.timeZone ?? context.settings.timeZone
  if (!isTimeZone(timeZone)) report(`"${timeZone}" is no time zone`, 'Use a name such as Europe/Berlin, or UTC')
  const wrong = parseCron(freshness.cron)
  if (typeof wrong === 'string')
    report(`its cron "${freshness.cron}" is not valid: ${wrong}`, 'Write five fields, such as 0 6 * * 1-5')
  return { ...freshness, timeZone }
}
