import type {
  AlertCause,
  AlertItem,
  AlertSpec,
  AssetKey,
  EventType,
  JsonObject,
  RejectedOver,
} from '../contract/index.ts'

/** An event of the log, with what it says of a sync's rows and a run's selection. */
export interface AlertFact {
  readonly sequence: number
  readonly type: EventType
  readonly asset: AssetKey | null
  readonly data: JsonObject
  readonly sent: number | null
  readonly rejected: number | null
  readonly selection: string | null
  /** What is not right with a sync's run although it succeeded. */
  readonly degraded?: readonly string[] | null
}

/** What an alert has said and not taken back. */
export interface OpenAlert {
  readonly alert: string
  readonly subject: string
  /** When it was said last, ISO 8601. */
  readonly toldAt: string
}

export interface AlertDecision {
  readonly alert: AlertSpec
  readonly failed: readonly AlertItem[]
  readonly recovered: readonly AlertItem[]
}

interface Observed extends AlertItem {
  /** Of rejected rows each alert has its own say. */
  readonly wrong: boolean | ((alert: AlertSpec) => boolean)
}

/**
 * What alerts say of one group of events, such as all of a run: the last that was seen of each subject counts. What is
 * open already is said again after the throttle, and what is open and right again has recovered.
 */
export function decideAlerts(
  alerts: readonly AlertSpec[],
  facts: readonly AlertFact[],
  open: readonly OpenAlert[],
  now: Date,
): AlertDecision[] {
  const observed = [...new Map(facts.flatMap(observe).map((each) => [each.subject, each])).values()]
  return alerts.flatMap((alert) => {
    const told = new Map(
      open.filter((each) => each.alert === alert.name).map(({ subject, toldAt }) => [subject, toldAt]),
    )
    const failed = observed.filter(
      (each) => isWrong(each, alert) && concerns(alert, each, observed) && due(alert, told.get(each.subject), now),
    )
    const recovered = observed.filter((each) => !isWrong(each, alert) && told.has(each.subject))
    return failed.length + recovered.length === 0
      ? []
      : [{ alert, failed: failed.map(itemOf), recovered: recovered.map(itemOf) }]
  })
}

function isWrong({ wrong }: Observed, alert: AlertSpec): boolean {
  return typeof wrong === 'boolean' ? wrong : wrong(alert)
}

function concerns(alert: AlertSpec, { cause, asset }: Observed, observed: readonly Observed[]): boolean {
  const { on, assets } = alert
  if (!on.includes(cause)) return false
  if (assets === null) return true
  if (asset !== null) return assets.includes(asset)
  if (cause === 'trigger_failed') return false
  // A run concerns an alert if one of its own assets went wrong in it.
  return observed.some((each) => isWrong(each, alert) && each.asset !== null && assets.includes(each.asset))
}

function due({ throttleMinutes }: AlertSpec, toldAt: string | undefined, now: Date): boolean {
  if (toldAt === undefined || throttleMinutes === null) return true
  return now.getTime() - Date.parse(toldAt) >= throttleMinutes * 60_000
}

function itemOf({ subject, cause, asset, detail, count }: Observed): AlertItem {
  return { subject, cause, asset, detail, count }
}

function observe(fact: AlertFact): Observed[] {
  const { type, asset, data, selection } = fact
  const of = (
    subject: string,
    cause: AlertCause,
    wrong: boolean,
    detail: string | null,
    count: number | null = null,
  ) => [{ subject, cause, asset, detail, count, wrong }]
  switch (type) {
    case 'run_finished':
      if (data['status'] === 'cancelled' || selection === null) return []
      return of(`run:${selection}`, 'run_failed', data['status'] === 'failed', selection.slice(0, 120))
    case 'asset_failed':
      return [...of(`asset:${asset}`, 'asset_failed', true, textOf(data['code'])), ...rejectedOf(fact)]
    case 'asset_materialized': {
      const { degraded = null } = fact
      const said =
        degraded === null ? [] : of(`degraded:${asset}`, 'sync_degraded', degraded.length > 0, degraded.join('; '))
      return [...of(`asset:${asset}`, 'asset_failed', false, null), ...rejectedOf(fact), ...said]
    }
    case 'sync_paused':
    case 'sync_unpaused':
      return of(`paused:${asset}`, 'sync_paused', type === 'sync_paused', textOf(data['reason']))
    case 'asset_fresh':
      return of(`asset:${asset}`, 'asset_failed', false, null)
    case 'check_evaluated': {
      const cause = data['blocking'] === true ? 'check_failed' : 'check_warned'
      const { name, failures } = data
      // Of a partition: that another one passes puts nothing right.
      const partition = textOf(data['partition'])
      const check = partition === null ? textOf(name) : `${textOf(name)} of ${partition}`
      return of(`check:${asset}:${check}`, cause, data['passed'] === false, check, numberOf(failures))
    }
    case 'freshness_changed': {
      const status = data['to']
      const cause = status === 'warn' ? 'freshness_warn' : 'freshness_late'
      // A warning that becomes late is another thing to say.
      return [
        ...of(`freshness_warn:${asset}`, 'freshness_warn', status === 'warn', null),
        ...of(`freshness_late:${asset}`, 'freshness_late', status === 'late', null),
      ].filter((each) => each.cause === cause || !each.wrong)
    }
    case 'trigger_failed':
    case 'trigger_recovered': {
      const [trigger, code] = [textOf(data['trigger']), textOf(data['code'])]
      const detail = code === null ? trigger : `${trigger}: ${code}`
      return of(`trigger:${trigger}`, 'trigger_failed', type === 'trigger_failed', detail)
    }
    default:
      return []
  }
}

function rejectedOf({ asset, sent, rejected }: AlertFact): Observed[] {
  if (rejected === null) return []
  const wrong = ({ rejectedOver }: AlertSpec): boolean => tooMany(rejected, sent ?? 0, rejectedOver)
  return [{ subject: `sync:${asset}`, cause: 'sync_rejected', asset, detail: null, count: rejected, wrong }]
}

function tooMany(rejected: number, sent: number, over: RejectedOver = { rows: 0 }): boolean {
  const { rows, share } = over
  return (rows !== undefined && rejected > rows) || (share !== undefined && rejected > share * sent)
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}
