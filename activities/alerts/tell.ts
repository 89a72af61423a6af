import {
  usualGroupMinutes,
  type AlertBody,
  type AlertItem,
  type AlertMessage,
  type AlertSpec,
  type JsonObject,
  type Scope,
} from '../../orchestrator/contract/index.ts'
import { decideAlerts, mergeAlerts } from '../../orchestrator/plan/index.ts'
import type { ClaimedMessage, NewOutboxMessage, Store } from '../../orchestrator/store/store.ts'
import { dispatch, type Channel } from '../outbox/index.ts'
import { deliver, type DeliverDeps } from './deliver.ts'

export interface TellDeps extends DeliverDeps {
  readonly store: Pick<Store, 'alerts' | 'revisions' | 'outbox'>
}

/** Events of the log that are read at once. */
const batch = 500
/** Of what a message holds, until several become one. */
const mostItems = 200
export const mostAttempts = 12

/**
 * Follows the log into the outbox, and delivers what is due. Whoever dies in between leaves a message that is sent by
 * the next, under the same id. Answers in how many milliseconds there is something to do; null for when something
 * happens.
 */
export async function tellAlerts(deps: TellDeps, scope: Scope, signal: AbortSignal): Promise<number | null> {
  await collectAlerts(deps, scope, signal)
  return dispatch(deps.store.outbox, scope, channelOf(deps), signal)
}

/** The first half alone: from the log into the outbox. */
export async function collectAlerts({ store }: TellDeps, scope: Scope, signal: AbortSignal): Promise<void> {
  const specs = (await store.revisions.latest(scope))?.manifest.alerts ?? []
  for (let more = true; more && !signal.aborted;) {
    const from = await store.outbox.cursor(scope, 'alerts')
    const news = await store.alerts.news(scope, from, batch)
    more = news.read === batch
    if (news.last === from) return
    const found = specs.length === 0 ? nothing : await read(store, scope, specs, news)
    await store.alerts.commit(scope, { from, to: news.last, ...found })
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
  const messages: NewOutboxMessage[] = []
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
        const message: AlertMessage = { alert: alert.name, status, ...scope, run, at: last.at, ...shown }
        messages.push(...alertMessages(alert, `${run ?? last.sequence}:${status}`, message))
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

/** One for each target; of one cause there is one, and those of a target go one after another. */
function alertMessages(
  { name, to, groupMinutes = usualGroupMinutes }: AlertSpec,
  cause: string,
  message: AlertMessage,
): NewOutboxMessage[] {
  return to.map((target, position) => ({
    lane: `${name}:${position}`,
    key: `${name}:${cause}:${position}`,
    body: { cause, target, message } satisfies AlertBody as unknown as JsonObject,
    paceSeconds: groupMinutes * 60,
  }))
}

function channelOf(deps: DeliverDeps): Channel {
  return {
    name: 'alerts',
    together: true,
    limit: 5_000,
    // Half of it is longer than sending takes at most.
    claimSeconds: 60,
    longestDelaySeconds: 900,
    givenUp: { attempts: mostAttempts, ageSeconds: 0 },
    pauseAfter: null,
    keep: true,
    send: (claimed) => {
      const [first, ...others] = claimed
      if (first === undefined) return Promise.resolve({ type: 'delivered' })
      const message = mergeAlerts([bodyOf(first).message, ...others.map((each) => bodyOf(each).message)])
      return deliver(deps, bodyOf(claimed[claimed.length - 1] ?? first).target, `alert_${first.batch}`, message)
    },
  }
}

function bodyOf({ body }: ClaimedMessage): AlertBody {
  return body as unknown as AlertBody
}
