import type { AlertItem, AlertMessage, AlertSpec, Scope } from '../../orchestrator/contract/index.ts'
import { decideAlerts } from '../../orchestrator/plan/index.ts'
import type { NewAlertMessage, Store } from '../../orchestrator/store/store.ts'
import { deliver, type DeliverDeps } from './deliver.ts'

export interface TellDeps extends DeliverDeps {
  readonly store: Pick<Store, 'alerts' | 'revisions'>
}

const batch = 500
const mostItems = 20
/** Longer than sending takes at most. */
const claimSeconds = 60
export const mostAttempts = 12
const longestDelaySeconds = 900

/**
 * Follows the log into the outbox, and delivers what is due. Whoever dies in between leaves a message that is sent by
 * the next, under the same id. Answers in how many milliseconds there is something to do; null for when something
 * happens.
 */
export async function tellAlerts(deps: TellDeps, scope: Scope, signal: AbortSignal): Promise<number | null> {
  await collectAlerts(deps, scope, signal)
  for (let sent = true; sent && !signal.aborted;) sent = await deliverNext(deps, scope)
  return deps.store.alerts.dueInMs(scope)
}

/** The first half alone: from the log into the outbox. */
export async function collectAlerts({ store }: TellDeps, scope: Scope, signal: AbortSignal): Promise<void> {
  const { alerts } = store
  const specs = (await store.revisions.latest(scope))?.manifest.alerts ?? []
  for (let more = true; more && !signal.aborted;) {
    const from = await alerts.cursor(scope)
    const news = await alerts.news(scope, from, batch)
    more = news.read === batch
    if (news.last === from) return
    const found = specs.length === 0 ? nothing : await read(store, scope, specs, news)
    await alerts.commit(scope, { from, to: news.last, ...found })
  }
}

type Found = Pick<Parameters<Store['alerts']['commit']>[1], 'messages' | 'opened' | 'closed'>
const nothing: Found = { messages: [], opened: [], closed: [] }

async function read(
  { alerts }: TellDeps['store'],
  scope: Scope,
  specs: readonly AlertSpec[],
  news: Awaited<ReturnType<Store['alerts']['news']>>,
): Promise<Found> {
  const groups = [
    ...(news.alone.length === 0 ? [] : [{ run: null, of: { sequences: news.alone } }]),
    ...[...new Set(news.ended)].map((run) => ({ run, of: { run } })),
  ]
  const messages: NewAlertMessage[] = []
  const open = new Map((await alerts.open(scope)).map((row) => [`${row.alert} ${row.subject}`, row]))
  const closed = new Map<string, { readonly alert: string; readonly subject: string }>()
  const opened = new Map<string, { readonly alert: string; readonly subject: string; readonly item: AlertItem }>()
  for (const { run, of } of groups) {
    const facts = await alerts.facts(scope, of)
    const last = facts.at(-1)
    if (last === undefined) continue
    for (const { alert, failed, recovered } of decideAlerts(specs, facts, [...open.values()], new Date(last.at))) {
      const say = (status: 'failed' | 'recovered', items: readonly AlertItem[]): void => {
        if (items.length === 0 || (status === 'recovered' && !alert.recovered)) return
        const shown = { items: items.slice(0, mostItems), more: Math.max(0, items.length - mostItems) }
        const body: AlertMessage = { alert: alert.name, status, ...scope, run, at: last.at, ...shown }
        messages.push({ cause: `${run ?? last.sequence}:${status}`, body, targets: alert.to })
      }
      say('failed', failed)
      say('recovered', recovered)
      for (const item of failed) {
        const row = { alert: alert.name, subject: item.subject, item, since: last.at, toldAt: last.at }
        const key = `${row.alert} ${row.subject}`
        open.set(key, row)
        opened.set(key, { alert: row.alert, subject: row.subject, item })
        closed.delete(key)
      }
      for (const { subject } of recovered) {
        const key = `${alert.name} ${subject}`
        open.delete(key)
        opened.delete(key)
        closed.set(key, { alert: alert.name, subject })
      }
    }
  }
  return { messages, opened: [...opened.values()], closed: [...closed.values()] }
}

async function deliverNext(deps: TellDeps, scope: Scope): Promise<boolean> {
  const { alerts } = deps.store
  const entry = await alerts.claim(scope, claimSeconds)
  if (entry === null) return false
  const sent = await deliver(deps, entry.target, `alert_${entry.id}`, entry.body)
  if (sent.type === 'delivered') await alerts.settle(entry.id, { state: 'delivered' })
  else if (sent.type === 'never' || entry.attempts >= mostAttempts) {
    await alerts.settle(entry.id, { state: 'dead', problem: sent.problem })
  } else {
    const seconds = sent.seconds ?? Math.min(2 ** entry.attempts, longestDelaySeconds)
    await alerts.settle(entry.id, { state: 'waiting', problem: sent.problem, seconds })
  }
  return true
}
