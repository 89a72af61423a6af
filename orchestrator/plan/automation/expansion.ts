import type { AutomationCondition } from '../../contract/index.ts'

const anyDeps = (op: 'missing' | 'in_progress' | 'check_failed'): AutomationCondition => ({
  op: 'not',
  of: { op: 'any_deps', of: { op } },
})
const notInProgress: AutomationCondition = { op: 'not', of: { op: 'in_progress' } }

const eager: readonly AutomationCondition[] = [
  { op: 'or', of: [{ op: 'missing' }, { op: 'code_changed' }, { op: 'upstream_changed' }] },
  anyDeps('missing'),
  anyDeps('in_progress'),
  anyDeps('check_failed'),
  notInProgress,
]

const onMissing: readonly AutomationCondition[] = [
  { op: 'missing' },
  anyDeps('missing'),
  anyDeps('in_progress'),
  anyDeps('check_failed'),
  notInProgress,
]

const onUpstreamChange: readonly AutomationCondition[] = [{ op: 'upstream_changed' }, notInProgress]

/** What a ready-made condition is made of, all of which has to hold; what is a cause stands first. Null for the rest. */
export function expansionOf(condition: AutomationCondition): readonly AutomationCondition[] | null {
  switch (condition.op) {
    case 'eager':
      return eager
    case 'on_missing':
      return onMissing
    case 'on_upstream_change':
      return onUpstreamChange
    case 'on_cron': {
      const cron = { op: 'cron', trigger: condition.trigger } as const
      const { overlap } = condition.trigger
      // Beside or instead of what is under way: the schedule sees to the latter.
      return overlap === 'allow_all' || overlap === 'cancel_other' ? [cron] : [cron, notInProgress]
    }
    default:
      return null
  }
}
