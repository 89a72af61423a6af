import type { PlanStep, StaleReason } from '../../orchestrator/contract/index.ts'

const phrases: Readonly<Record<StaleReason['type'], string>> = {
  never_materialized: 'never materialised',
  code_changed: 'definition changed',
  upstream_changed: 'changed',
  upstream_may_change: 'may change',
  last_attempt_failed: 'last attempt failed',
  warehouse_changed: 'another warehouse',
  destination_changed: 'goes elsewhere now',
  observe: 'look for changes',
  forced: 'forced',
}

/** One line for Temporal's UI: the step and why it runs. */
export function summaryOf(step: PlanStep): string {
  const [first, ...others] = step.assets
  const reason = first?.reasons[0]
  const why =
    reason === undefined ? '' : `: ${'upstream' in reason ? `${reason.upstream} ` : ''}${phrases[reason.type]}`
  const size = others.length === 0 ? '' : ` (${step.assets.length} assets)`
  // Temporal takes 200 bytes of a summary; keys are ASCII.
  return `${step.id}${size}${why}`.slice(0, 200)
}
