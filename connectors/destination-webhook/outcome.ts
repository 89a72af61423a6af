import { z } from 'zod'
import { configError, type HttpAnswer } from '../kit/index.ts'
import type { OperationName, WebhookConfig } from './config.ts'

/** Of rows that were not taken; of all rows of the request if the receiver named none. */
export interface Refusal {
  readonly kind: 'rejected' | 'skipped'
  readonly code: string
  readonly message: string
}

export interface NamedRow extends Refusal {
  readonly index: number
}

/** What became of a request: taken, but for some rows; or refused as a whole. */
export type Outcome = { readonly taken: true; readonly but: readonly NamedRow[] } | { readonly refusal: Refusal }

const issue = z.object({
  index: z.int().min(0),
  code: z
    .string()
    .regex(/^[\w.:-]{1,64}$/)
    .catch('rejected'),
  message: z.string().catch('The receiver gives no reason.'),
})

const answerSchema = z.object({ rejected: z.array(issue).default([]), skipped: z.array(issue).default([]) })

const mostOfMessage = 200
/** Statuses that speak of the address or the credentials, not of rows. */
const refusesUs = new Map([
  [401, 'does not accept the credentials: look at its headers, OAuth client or signing secret'],
  [403, 'does not allow this: look at its headers, OAuth client or signing secret'],
  [404, 'knows no such address: look at url'],
  [405, 'does not take this method there: look at url and method'],
  [407, 'is behind a proxy that wants credentials'],
  [410, 'has given up this address: look at url'],
])

export function outcomeOf(
  answer: HttpAnswer,
  request: { readonly operation: OperationName; readonly addressesRow: boolean; readonly texts: readonly string[] },
  { success_statuses: successes }: Pick<WebhookConfig, 'success_statuses'>,
): Outcome {
  const { status } = answer
  const special = request.addressesRow ? ofOneRow(status, request.operation) : null
  if (special !== null) return special
  if (successes?.includes(status) ?? answer.ok) return { taken: true, but: namedRows(answer.json, request.texts) }
  if (status < 400) {
    const what = status < 300 ? 'is not among success_statuses' : 'is a redirection, which is not followed: look at url'
    throw configError(`The webhook answered with HTTP ${status}, which ${what}.`)
  }
  const ours = request.addressesRow && [404, 405, 410].includes(status) ? undefined : refusesUs.get(status)
  if (ours !== undefined) throw configError(`The webhook ${ours} (HTTP ${status}).`)
  return { refusal: { kind: 'rejected', code: `http_${status}`, message: `The receiver answered HTTP ${status}.` } }
}

/** An address of the row's own says by its status what a resource's does. */
function ofOneRow(status: number, operation: OperationName): Outcome | null {
  const absent = status === 404 || status === 410
  if (absent && (operation === 'delete' || operation === 'remove')) return { taken: true, but: [] }
  if (absent && operation === 'update') return skipped('absent', 'It is not there.')
  if (status === 409 && operation === 'insert') return skipped('exists', 'It is there already.')
  return null
}

function skipped(code: string, message: string): Outcome {
  return { refusal: { kind: 'skipped', code, message } }
}

function namedRows(json: unknown, texts: readonly string[]): NamedRow[] {
  const parsed = answerSchema.safeParse(json)
  if (!parsed.success) return []
  const named = (['rejected', 'skipped'] as const).flatMap((kind) => parsed.data[kind].map((one) => ({ kind, ...one })))
  const byIndex = new Map(named.map((one) => [one.index, one]))
  for (const { index } of named) {
    if (index < texts.length) continue
    throw configError('The webhook’s answer names a row that the request did not have: `index` counts from 0.')
  }
  return [...byIndex.values()].map((one) => ({ ...one, message: withoutValues(one.message, texts[one.index] ?? '') }))
}

/** The receiver's words, without what they repeat of the row: they are kept where no row's values may be. */
function withoutValues(message: string, text: string): string {
  let words = message
  for (const value of leaves(JSON.parse(text)).sort((a, b) => b.length - a.length))
    words = words.replaceAll(value, '***')
  return words.slice(0, mostOfMessage)
}

function leaves(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leaves)
  const text = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
  return text.trim().length < 3 ? [] : [text]
}
