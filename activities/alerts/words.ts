import type { AlertCause, AlertItem, AlertMessage } from '../../orchestrator/contract/index.ts'

const wrong: Readonly<Record<AlertCause, string>> = {
  run_failed: 'the run failed',
  asset_failed: 'failed',
  check_failed: 'a check failed, and what is downstream waits',
  check_warned: 'a check warns',
  freshness_warn: 'is about to be late',
  freshness_late: 'is late',
  sync_rejected: 'rows were rejected',
  sync_paused: 'is paused',
  sync_degraded: 'was sent, but something is not right with it',
  trigger_failed: 'a sensor or webhook fails',
}

const right: Readonly<Record<AlertCause, string>> = {
  run_failed: 'the run succeeded',
  asset_failed: 'is there again',
  check_failed: 'the check passes',
  check_warned: 'the check passes',
  freshness_warn: 'is fresh',
  freshness_late: 'is fresh',
  sync_rejected: 'no row is rejected',
  sync_paused: 'goes on',
  sync_degraded: 'is right',
  trigger_failed: 'a sensor or webhook works',
}

/** `2 things went wrong in dev/shop`. */
export function titleOf({ status, environment, project, items, more }: AlertMessage): string {
  const where = `${project} (${environment})`
  if (status === 'test') return `A test of alerts of ${where}`
  const count = items.filter(({ recovered }) => recovered !== true).length + more
  const things = count === 1 ? 'One thing' : `${count} things`
  return status === 'failed' ? `${things} went wrong in ${where}` : `${things} right again in ${where}`
}

/** `trait/ltv: a check failed, and what is downstream waits (not_null, 12 rows)`. */
export function lineOf(item: AlertItem, status: AlertMessage['status']): string {
  const { cause, asset, detail, count, recovered } = item
  const said = recovered === true ? `right again: ${right[cause]}` : (status === 'recovered' ? right : wrong)[cause]
  const about = [...(detail === null ? [] : [detail]), ...(count === null || count === 0 ? [] : [`${count} rows`])]
  return `${asset === null ? '' : `${asset}: `}${said}${about.length === 0 ? '' : ` (${about.join(', ')})`}`
}

export function linesOf(message: AlertMessage): string[] {
  return [
    ...message.items.map((item) => lineOf(item, message.status)),
    ...(message.more > 0 ? [`and ${message.more} more`] : []),
  ]
}
