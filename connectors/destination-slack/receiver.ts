import { createHash } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { dirname } from 'node:path'

export interface ReceivedMessage {
  /** As it was asked for: a name or an id. */
  readonly channel: string
  readonly text: string
  /** Slack's timestamp, which is also the message's id. */
  readonly ts: string
  readonly blocks?: unknown
  readonly thread_ts?: string
}

export interface SlackReceiver {
  /** To be the destination's `api_url`. */
  readonly url: string
  /** Where people and programs read what arrived, as JSON. */
  readonly messagesUrl: string
  messages(): readonly ReceivedMessage[]
  close(): Promise<void>
}

const maxBodyBytes = 1024 * 1024
const user = { user: 'traitline', user_id: 'U00000001', team: 'Traitline', team_id: 'T00000001' }

/**
 * A stand-in for Slack on this machine, for use without a workspace: it takes `auth.test` and `chat.postMessage` with
 * any token, keeps messages in a file of JSON lines that only its owner may read, and shows them at `GET /messages`.
 */
export async function startSlackReceiver(options: {
  readonly port: number
  readonly file: string
}): Promise<SlackReceiver> {
  const inbox = await openInbox(options.file)
  const server = createServer((request, response) => {
    handle(request, inbox).then(
      (answer) => respond(response, 200, answer),
      (error: unknown) =>
        respond(response, error instanceof BadRequest ? error.status : 500, { ok: false, error: 'internal_error' }),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  return {
    url: `http://127.0.0.1:${port}/api/`,
    messagesUrl: `http://127.0.0.1:${port}/messages`,
    messages: () => inbox.messages,
    async close() {
      await new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      })
      await inbox.close()
    },
  }
}

interface Inbox {
  readonly messages: readonly ReceivedMessage[]
  post(message: Omit<ReceivedMessage, 'ts'>): Promise<ReceivedMessage>
  close(): Promise<void>
}

async function openInbox(path: string): Promise<Inbox> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const messages = parseLines(await readFile(path, 'utf8').catch(() => ''))
  const file = await open(path, 'a', 0o600)
  // A line that was cut off would swallow the next.
  if (messages.length > 0) await file.appendFile('\n')
  let last = 0
  let writing: Promise<unknown> = Promise.resolve()
  return {
    messages,
    async post(message) {
      last = Math.max(last + 1, Date.now() * 1000)
      const received = { ...message, ts: `${Math.floor(last / 1e6)}.${String(last % 1e6).padStart(6, '0')}` }
      writing = writing.then(() => file.appendFile(`${JSON.stringify(received)}\n`))
      await writing
      messages.push(received)
      return received
    },
    close: () => file.close(),
  }
}

function parseLines(text: string): ReceivedMessage[] {
  return text.split('\n').flatMap((line) => (parseJson(line) ?? []) as ReceivedMessage | [])
}

/** Null if the text is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

class BadRequest extends Error {
  readonly status: number

  constructor(status: number) {
    super(`HTTP ${status}`)
    this.status = status
  }
}

async function handle(request: IncomingMessage, inbox: Inbox): Promise<unknown> {
  // A page in a browser that was led here under another name has no business with it.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) throw new BadRequest(403)
  const path = new URL(request.url ?? '/', 'http://receiver').pathname
  if (request.method === 'GET' && path === '/messages') return inbox.messages
  if (!path.startsWith('/api/')) throw new BadRequest(404)
  const form = await readForm(request)
  if (!/^Bearer \S+$/.test(request.headers.authorization ?? '')) return { ok: false, error: 'not_authed' }
  const method = methods[path.slice('/api/'.length)]
  return method === undefined ? { ok: false, error: 'unknown_method' } : method(form, inbox)
}

const methods: Readonly<Record<string, (form: URLSearchParams, inbox: Inbox) => unknown>> = {
  'auth.test': () => ({ ok: true, url: 'https://receiver.invalid/', ...user }),

  'chat.postMessage': async (form, inbox) => {
    const channel = form.get('channel') ?? ''
    const text = form.get('text') ?? ''
    const blocks = form.get('blocks')
    const thread = form.get('thread_ts')
    if (channel === '') return { ok: false, error: 'channel_not_found' }
    if (text === '' && blocks === null) return { ok: false, error: 'no_text' }
    const parsed = blocks === null ? undefined : parseJson(blocks)
    if (parsed === null) return { ok: false, error: 'invalid_blocks_format' }
    const received = await inbox.post({
      channel,
      text,
      ...(parsed === undefined ? {} : { blocks: parsed }),
      ...(thread === null ? {} : { thread_ts: thread }),
    })
    const { ts } = received
    return { ok: true, channel: channelId(channel), ts, message: { type: 'message', text, ts, user: user.user_id } }
  },
}

/** Slack answers with the channel's id, whatever it was called by. */
function channelId(channel: string): string {
  if (/^[CGD][A-Z0-9]{8,}$/.test(channel)) return channel
  return `C${createHash('sha256').update(channel).digest('hex').slice(0, 10).toUpperCase()}`
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length
    if (bytes > maxBodyBytes) throw new BadRequest(413)
    chunks.push(chunk as Buffer)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(body))
}
