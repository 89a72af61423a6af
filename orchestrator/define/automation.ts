import { overlapPolicies, type AutomationCondition, type CronTrigger, type OverlapPolicy } from '../contract/index.ts'
import { checkArguments } from './check.ts'
import { like, listOf, number, object, oneOf, optional, plainObject, shape, text, type Shapes } from './shape.ts'

/** When an asset is materialised by itself: what `automation` of an asset takes. */
export interface Automation {
  readonly kind: 'automation'
  readonly condition: AutomationCondition
  /** Both this and the others have to hold. */
  and(...others: readonly Automation[]): Automation
  /** This or one of the others has to hold. */
  or(...others: readonly Automation[]): Automation
}

export interface CronOptions {
  /** A name such as `Europe/Berlin`; the project's unless told. Its changes of clocks are heeded. */
  readonly timeZone?: string
  /**
   * What becomes of a time that comes while what the time before started is under way: `skip` it, which is the
   * default, run it afterwards once (`buffer_one`) or as often as it came (`buffer_all`), or begin it at once, with
   * the other one cancelled (`cancel_other`) or beside it (`allow_all`).
   */
  readonly overlap?: OverlapPolicy
  /** How late a time is still made up for after everything was down: `10m`, `6h`, `7d`. Default `1h`. */
  readonly catchUpWindow?: Duration
}

/** `30s`, `10m`, `6h`, `7d`. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`

const isAutomation = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  value.kind === 'automation' &&
  'condition' in value &&
  plainObject.accepts(value.condition)

export const automationShape = like(shape('an automation', isAutomation), 'automation: automation.eager()')
const operands = { conditions: listOf('automations', automationShape) }

const cronOptions = {
  timeZone: optional(text),
  overlap: optional(oneOf(overlapPolicies)),
  catchUpWindow: optional(text),
} satisfies Shapes<CronOptions>

const methods = Object.freeze({
  and(this: Automation, ...others: readonly Automation[]) {
    return combine('and', [this, ...others])
  },
  or(this: Automation, ...others: readonly Automation[]) {
    return combine('or', [this, ...others])
  },
})

function make(condition: AutomationCondition): Automation {
  const data = { kind: 'automation' as const, condition: Object.freeze(condition) }
  return Object.freeze(Object.assign(Object.create(methods) as typeof methods, data))
}

function combine(op: 'and' | 'or', parts: readonly Automation[]): Automation {
  checkArguments(`automation.${op === 'and' ? 'all' : 'any'}`, operands, { conditions: parts })
  // `a.and(b).and(c)` reads as one list of three.
  const of = parts.flatMap(({ condition }) => (condition.op === op ? condition.of : [condition]))
  return make({ op, of: Object.freeze(of) })
}

/** Seconds of a duration; NaN for what is none, which the compiler of the project reports. */
export function secondsOf(duration: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(duration)
  return match === null ? NaN : Number(match[1]) * { s: 1, m: 60, h: 3_600, d: 86_400 }[match[2] as 's']
}

function cronTrigger(name: string, cron: string, options: CronOptions): CronTrigger {
  const asked = { cron: like(text, `automation.${name}('0 6 * * *')`), options: object(cronOptions) }
  checkArguments(`automation.${name}`, asked, { cron, options })
  return Object.freeze({
    cron,
    timeZone: options.timeZone ?? '',
    overlap: options.overlap ?? 'skip',
    catchUpSeconds: secondsOf(options.catchUpWindow ?? '1h'),
  })
}

function over(name: string, op: 'any_deps' | 'all_deps' | 'not', of: Automation): Automation {
  checkArguments(`automation.${name}`, { condition: automationShape }, { condition: of })
  return make({ op, of: of.condition })
}

/**
 * Conditions under which an asset is materialised by itself. An asset is never started twice for one cause, nor while
 * a run that has it is under way; `traitline automation explain <asset>` says why it waits.
 *
 * ```ts
 * trait.continuous('ltv', { ..., automation: automation.eager() })
 * audience('vip', { ..., automation: automation.onCron('0 6 * * *', { timeZone: 'Europe/Berlin' }) })
 * sync('vip_to_crm', {
 *   ...,
 *   automation: automation.onUpstreamChange().and(automation.quietFor(10), automation.allDeps(automation.checkPassed())),
 * })
 * ```
 */
export const automation = Object.freeze({
  /**
   * Whenever it is missing, its definition changed or what it reads changed, as soon as everything that it reads is
   * there, not under way and without a failed blocking check.
   */
  eager: () => make({ op: 'eager' }),

  /** At the times of a cron expression of five fields; see `CronOptions` for zone, overlap and what was missed. */
  onCron: (cron: string, options: CronOptions = {}) =>
    make({ op: 'on_cron', trigger: cronTrigger('onCron', cron, options) }),

  /** Once, when it was never materialised and everything that it reads is there. */
  onMissing: () => make({ op: 'on_missing' }),

  /** Whenever the content of what it reads differs from what it read last. */
  onUpstreamChange: () => make({ op: 'on_upstream_change' }),

  /** Nothing that it reads has changed for so many minutes: `onUpstreamChange().and(quietFor(10))`. */
  quietFor: (minutes: number) => {
    checkArguments('automation.quietFor', { minutes: like(number, 'automation.quietFor(10)') }, { minutes })
    return make({ op: 'quiet_for', minutes })
  },

  /** All blocking checks of its latest materialisation passed, or the one of this name. */
  checkPassed: (check?: string) => {
    checkArguments('automation.checkPassed', { check: optional(text) }, { check })
    return make({ op: 'check_passed', check: check ?? null })
  },

  /** A blocking check of its latest materialisation failed. */
  checkFailed: () => make({ op: 'check_failed' }),

  /** It was never materialised. */
  missing: () => make({ op: 'missing' }),

  /** Its definition is another than that of its latest materialisation. */
  codeChanged: () => make({ op: 'code_changed' }),

  /** The content of something that it reads is another than what it read last. */
  upstreamChanged: () => make({ op: 'upstream_changed' }),

  /** A run that is to materialise it has not ended. */
  inProgress: () => make({ op: 'in_progress' }),

  /** Its last attempt failed. */
  failed: () => make({ op: 'failed' }),

  /** It was materialised since the asset that has the condition was last started by it. */
  newlyUpdated: () => make({ op: 'newly_updated' }),

  /** The condition is looked at for the first time, or for the first time since it was written otherwise. */
  initialEvaluation: () => make({ op: 'initial_evaluation' }),

  /** A time of the cron came since the asset was last started: as `onCron`, to combine with what has to hold too. */
  cron: (cron: string, options: CronOptions = {}) => make({ op: 'cron', trigger: cronTrigger('cron', cron, options) }),

  /** The condition holds for something that it reads. */
  anyDeps: (of: Automation) => over('anyDeps', 'any_deps', of),

  /** The condition holds for everything that it reads. */
  allDeps: (of: Automation) => over('allDeps', 'all_deps', of),

  /** All of them hold. */
  all: (...of: readonly Automation[]) => combine('and', of),

  /** At least one of them holds. */
  any: (...of: readonly Automation[]) => combine('or', of),

  not: (of: Automation) => over('not', 'not', of),
})
