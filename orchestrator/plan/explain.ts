import type { PlannedAsset, PlanStep, RunPlan, StaleReason } from '../contract/index.ts'

/**
 * A plan as lines for a terminal: what runs, in order, and why; how much is fresh.
 *
 * @example
 * explain(plan).join('\n')
 * // source/purchases  looked at in every run
 * // dbt/shop  2 models
 * //   model/shop/customers  source/purchases may change
 * //   model/shop/browsing   its definition changed
 * // trait/ltv  model/shop/customers may change
 * // 4 to run, 12 fresh
 */
export function explain(plan: RunPlan): string[] {
  const planned = plan.steps.reduce((sum, step) => sum + step.assets.length, 0)
  return [...plan.steps.flatMap(explainStep), `${planned} to run, ${plan.fresh.length} fresh`]
}

function explainStep(step: PlanStep): string[] {
  const [first] = step.assets
  if (first && step.assets.length === 1 && first.key === step.id) return [`${step.id}  ${explainReasons(first)}`]
  const width = Math.max(...step.assets.map(({ key }) => key.length))
  const models = step.assets.length === 1 ? '1 model' : `${step.assets.length} models`
  return [
    `${step.id}  ${models}`,
    ...step.assets.map((asset) => `  ${asset.key.padEnd(width)}  ${explainReasons(asset)}`),
  ]
}

/** The first reason, which is the one to show, and how many others there are. */
function explainReasons({ reasons: [first, ...others] }: PlannedAsset): string {
  if (!first) return ''
  return others.length === 0 ? explainReason(first) : `${explainReason(first)} (and ${others.length} more)`
}

/** A stale reason in words, as part of a sentence. */
export function explainReason(reason: StaleReason): string {
  switch (reason.type) {
    case 'never_materialized':
      return 'never materialised'
    case 'code_changed':
      return 'its definition changed'
    case 'upstream_changed':
      return `${reason.upstream} changed`
    case 'upstream_may_change':
      return `${reason.upstream} may change`
    case 'last_attempt_failed':
      return 'its last attempt failed'
    case 'warehouse_changed':
      return 'its table is in another warehouse'
    case 'destination_changed':
      return 'it goes elsewhere now'
    case 'observe':
      return 'looked at in every run'
    case 'forced':
      return 'forced'
  }
}
