import { createTransport } from 'nodemailer'
import { webhookHeaders } from '../../connectors/standard-webhooks/index.ts'
import type { AlertMessage, AlertTarget, Delivery, EnvRef } from '../../orchestrator/contract/index.ts'
import { linesOf, titleOf } from './words.ts'

export interface DeliverDeps {
  /** Of the environment where it is sent. */
  readonly secret: (name: string) => string | undefined
  /** A run's page; null where nobody serves one. */
  readonly runUrl: ((run: string) => string) | null
}

/** What every kind of target answers: sends a message under an id that stays the same. */
type Deliver<Target> = (deps: DeliverDeps, target: Target, id: string, message: AlertMessage) => Promise<Delivery>

const timeoutMs = 10_000

const kinds: { readonly [Type in AlertTarget['type']]: Deliver<Extract<AlertTarget, { type: Type }>> } = {
  slack: async (deps, { url }, _id, message) =>
    withSecret(deps, url, (address) =>
      post(address, { 'content-type': 'application/json' }, JSON.stringify(slackBody(message, deps))),
    ),
  webhook: async (deps, { url, secret }, id, message) =>
    withSecret(deps, url, (address) => {
      const body = webhookBody(message, deps)
      const signed = (key: string | null): Promise<Delivery> =>
        post(address, { 'content-type': 'application/json', ...webhookHeaders({ id, body, secret: key }) }, body)
      return secret === null ? signed(null) : withSecret(deps, secret, signed)
    }),
  email: async (deps, { smtp, from, to }, id, message) =>
    withSecret(deps, smtp, (address) => mail(address, { from, to: [...to], id, message, deps })),
}

export function deliver(deps: DeliverDeps, target: AlertTarget, id: string, message: AlertMessage): Promise<Delivery> {
  return (kinds[target.type] as Deliver<AlertTarget>)(deps, target, id, message)
}

/** The variable is named, its value never: a worker that has it may come. */
function withSecret(
  { secret }: DeliverDeps,
  { $env, default: fallback }: EnvRef,
  send: (value: string) => Promise<Delivery>,
): Promise<Delivery> {
  const value = secret($env) ?? fallback
  if (value === undefined || value === '') return Promise.resolve({ type: 'later', problem: `${$env} is not set` })
  return send(value)
}

async function post(address: string, headers: Readonly<Record<string, string>>, body: string): Promise<Delivery> {
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await fetch(address, { method: 'POST', headers, body, redirect: 'error', signal })
    await response.body?.cancel()
    if (response.ok) return { type: 'delivered' }
    const problem = `it answered ${response.status}`
    if ([400, 404, 410, 413].includes(response.status)) return { type: 'never', problem }
    const after = Number(response.headers.get('retry-after'))
    return { type: 'later', problem, ...(after > 0 && { seconds: Math.min(after, 3_600) }) }
  } catch {
    return { type: 'later', problem: 'it cannot be reached, or took too long' }
  }
}

const marks = { failed: '🔴', recovered: '🟢', test: '🔵' } as const

/** Slack's blocks: a header of at most 150 characters, sections of at most 3,000. */
export function slackBody(message: AlertMessage, { runUrl }: Pick<DeliverDeps, 'runUrl'>): object {
  const title = `${marks[message.status]} ${titleOf(message)}`.slice(0, 150)
  const lines = linesOf(message).map((line) => `• ${escaped(line)}`)
  const context = [
    `alert ${message.alert}`,
    message.at,
    ...runLink(message, runUrl, (url, run) => `<${url}|run ${escaped(run)}>`),
  ]
  return {
    text: escaped(title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title, emoji: true } },
      ...(lines.length === 0
        ? []
        : [{ type: 'section', text: { type: 'mrkdwn', text: lines.join('\n').slice(0, 3_000) } }]),
      { type: 'context', elements: [{ type: 'mrkdwn', text: context.join('  ·  ') }] },
    ],
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function runLink(
  { run }: AlertMessage,
  runUrl: DeliverDeps['runUrl'],
  link: (url: string, run: string) => string,
): string[] {
  if (run === null) return []
  return [runUrl === null ? `run ${run}` : link(runUrl(run), run)]
}

function webhookBody(message: AlertMessage, { runUrl }: DeliverDeps): string {
  const { at, run, ...data } = message
  const url = run === null || runUrl === null ? null : runUrl(run)
  return JSON.stringify({ type: `alert.${message.status}`, timestamp: at, data: { ...data, run, url } })
}

interface Mail {
  readonly from: string
  readonly to: string[]
  readonly id: string
  readonly message: AlertMessage
  readonly deps: DeliverDeps
}

async function mail(address: string, { from, to, id, message, deps }: Mail): Promise<Delivery> {
  try {
    const timeouts = { connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs }
    const transport = createTransport({ url: address, ...timeouts })
    const run = runLink(message, deps.runUrl, (url) => url)
    const text = [titleOf(message), '', ...linesOf(message), '', `alert ${message.alert}, ${message.at}`, ...run].join(
      '\n',
    )
    try {
      await transport.sendMail({ from, to, subject: titleOf(message), text, messageId: `<${id}@traitline>` })
    } finally {
      transport.close()
    }
    return { type: 'delivered' }
  } catch (error) {
    const { responseCode } = error as { readonly responseCode?: number }
    const problem =
      responseCode === undefined ? 'the mail server cannot be reached' : `the mail server answered ${responseCode}`
    return { type: responseCode !== undefined && responseCode >= 550 ? 'never' : 'later', problem }
  }
}
