import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { packageRoot } from '../../orchestrator/process/index.ts'

interface Parameter {
  readonly name: string
  readonly in: 'header' | 'query' | 'formData'
  readonly required?: boolean
  readonly type: 'string' | 'boolean' | 'integer'
}

interface Operation {
  readonly parameters: readonly Parameter[]
  readonly responses: Readonly<Record<'200' | 'default', { readonly schema: object }>>
}

interface Contract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly definitions: object
}

export interface SlackContract {
  /** What is wrong with a request to a method; empty if nothing is. */
  checkRequest(method: string, headers: IncomingMessage['headers'], form: URLSearchParams): string[]
  checkResponse(method: string, body: unknown): string[]
}

/** Slack's own description of its Web API, as a judge of requests and answers. */
export async function slackContract(): Promise<SlackContract> {
  const path = join(packageRoot(), 'connectors/destination-slack/contract/slack.json')
  const contract = JSON.parse(await readFile(path, 'utf8')) as Contract
  const operation = (method: string): Operation | undefined => Object.values(contract.paths[`/${method}`] ?? {})[0]
  return {
    checkRequest(method, headers, form) {
      const found = operation(method)
      if (found === undefined) return [`${method} is not in the contract`]
      return parameterErrors(found.parameters, normalised(headers, form))
    },
    checkResponse(method, body) {
      const found = operation(method)
      const kind = (body as { readonly ok?: unknown }).ok === true ? '200' : 'default'
      if (found === undefined) return [`${method} is not in the contract`]
      const ajv = new Ajv({ strict: false, logger: false })
      const validate = ajv.compile({ ...found.responses[kind].schema, definitions: contract.definitions })
      return validate(body)
        ? []
        : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
    },
  }
}

/** The contract wants the token as a header of that name, where the client sends `Authorization: Bearer`. */
function normalised(headers: IncomingMessage['headers'], form: URLSearchParams): ReadonlyMap<string, string> {
  const given = new Map(form)
  const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1]
  if (token !== undefined) given.set('token', token)
  return given
}

const shapes: Readonly<Record<Parameter['type'], RegExp>> = {
  string: /^/,
  boolean: /^(true|false|0|1)$/,
  integer: /^\d+$/,
}

function parameterErrors(parameters: readonly Parameter[], given: ReadonlyMap<string, string>): string[] {
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]))
  const missing = parameters.filter(({ name, required }) => required === true && !given.has(name))
  const wrong = [...given].flatMap(([name, value]) => {
    const parameter = known.get(name)
    if (parameter === undefined) return [`${name} is not known`]
    return shapes[parameter.type].test(value) ? [] : [`${name} is no ${parameter.type}`]
  })
  return [...missing.map(({ name }) => `${name} is missing`), ...wrong]
}

/** What the stand-in does with a request instead of saying yes. */
export type Mishap =
  | { readonly error: string; readonly messages?: readonly string[] }
  | { readonly status: number; readonly retryAfter?: number }
  /** Does not answer, or ends the connection, after it has taken the message. */
  | 'hang'
  | 'cut'

export interface SlackStandIn {
  readonly url: string
  /** Messages that were taken, also those whose answer was never sent. */
  readonly taken: {
    readonly channel: string
    readonly text: string
    readonly at: number
    readonly ts: string
    readonly thread: string | null
    readonly blocks: unknown
  }[]
  /** What the contract said against requests. */
  readonly breaches: string[]
  /** One for each request to come, in order; null for a plain yes. */
  readonly mishaps: (Mishap | null)[]
  close(): Promise<void>
}

/** A Slack that knows its contract, and misbehaves on demand. */
export async function startSlackStandIn(): Promise<SlackStandIn> {
  const contract = await slackContract()
  const taken: SlackStandIn['taken'] = []
  const breaches: string[] = []
  const mishaps: (Mishap | null)[] = []

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = (request.url ?? '').replace(/^\/api\//, '')
    const form = new URLSearchParams(await text(request))
    breaches.push(...contract.checkRequest(method, request.headers, form))
    const mishap = mishaps.shift() ?? null
    if (typeof mishap === 'object' && mishap !== null) return refuse(response, mishap)
    const body = accept(method, form, taken)
    if (mishap === 'hang') return
    if (mishap === 'cut') return void request.socket.destroy()
    send(response, 200, body)
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/api/`,
    taken,
    breaches,
    mishaps,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function accept(method: string, form: URLSearchParams, taken: SlackStandIn['taken']): unknown {
  if (method === 'auth.test') {
    return { ok: true, url: 'https://acme.slack.com/', team: 'Acme', user: 'bot', team_id: 'T01', user_id: 'U01' }
  }
  if (method === 'conversations.list') {
    const second = form.get('cursor') === 'next'
    return {
      ok: true,
      channels: [{ id: 'C0000000001', name: second ? 'sales' : 'retention' }],
      response_metadata: { next_cursor: second ? '' : 'next' },
    }
  }
  if (method === 'users.lookupByEmail') {
    const email = form.get('email') ?? ''
    if (email.startsWith('nobody')) return { ok: false, error: 'users_not_found' }
    return { ok: true, user: { id: `U${email.split('@')[0]?.toUpperCase()}` } }
  }
  const ts = `1700000000.${String(taken.length + 1).padStart(6, '0')}`
  const blocks = form.get('blocks')
  const message = {
    channel: form.get('channel') ?? '',
    text: form.get('text') ?? '',
    at: performance.now(),
    ts,
    thread: form.get('thread_ts'),
    blocks: blocks === null ? null : (JSON.parse(blocks) as unknown),
  }
  taken.push(message)
  return { ok: true, channel: 'C0000000001', ts, message: { type: 'message', text: message.text, ts } }
}

function refuse(response: ServerResponse, mishap: Exclude<Mishap, string>): void {
  if ('error' in mishap) {
    const messages = mishap.messages === undefined ? {} : { response_metadata: { messages: mishap.messages } }
    return send(response, 200, { ok: false, error: mishap.error, ...messages })
  }
  send(
    response,
    mishap.status,
    { ok: false },
    mishap.retryAfter === undefined ? {} : { 'retry-after': String(mishap.retryAfter) },
  )
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
