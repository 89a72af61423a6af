import type { AlertItem, AlertMessage } from '../contract/index.ts'

/** What a message names; of the rest it says how much there is. */
export const mostItems = 20

/**
 * Messages of one alert as one: of each subject the last that was said, what is wrong first. Messages that are cut
 * short do not say what of the rest is the same thing: the greatest rest counts.
 */
export function mergeAlerts(messages: readonly [AlertMessage, ...AlertMessage[]]): AlertMessage {
  const last = messages[messages.length - 1] ?? messages[0]
  const bySubject = new Map<string, AlertItem>()
  for (const { status, items } of messages) {
    for (const item of items) {
      bySubject.delete(item.subject)
      bySubject.set(item.subject, status === 'recovered' ? { ...item, recovered: true } : item)
    }
  }
  const all = [...bySubject.values()]
  const wrong = all.filter(({ recovered }) => recovered !== true)
  const right = all.filter(({ recovered }) => recovered === true)
  const status = last.status === 'test' ? 'test' : wrong.length > 0 ? 'failed' : 'recovered'
  const ordered = status === 'recovered' ? right.map(({ recovered: _, ...item }) => item) : [...wrong, ...right]
  return {
    ...last,
    status,
    run: messages.every(({ run }) => run === last.run) ? last.run : null,
    items: ordered.slice(0, mostItems),
    more: Math.max(0, ordered.length - mostItems) + Math.max(...messages.map(({ more }) => more)),
    ...(messages.length > 1 && { messages: messages.length }),
  }
}
