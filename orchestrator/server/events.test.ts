import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openServerParts } from '../../test/recorded/open.ts'
import { deploy, playRun, shopScope } from '../../test/recorded/record.ts'
import { shopManifest } from '../../test/recorded/shop.ts'
import { createServer, type TraitlineServer } from './index.ts'

let parts: Awaited<ReturnType<typeof openServerParts>>
let server: TraitlineServer
const manifest = shopManifest()
const base = { revision: 1, manifest, selection: 'trait/orders', targets: ['trait/orders' as const] }

beforeAll(async () => {
  parts = await openServerParts()
  server = createServer(parts.options)
  await deploy(parts.options.store, manifest)
  await playRun(parts.options.store, { ...base, run: 'ended' })
})
afterAll(async () => {
  await server.close()
  await parts.close()
})

interface Message {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** Resolves once the server has decided where the stream begins. */
async function open(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const response = await server.app.request(`/api/v1${path}`, { headers })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  return response
}

/** Reads server-sent events as browsers do. */
async function* messagesOf(response: Response): AsyncGenerator<Message> {
  const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      text += value
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const fields = new Map(
          block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        )
        if (fields.has('data'))
          yield { id: fields.get('id') ?? '', event: fields.get('event') ?? 'message', data: fields.get('data') ?? '' }
      }
    }
  } finally {
    await reader.cancel()
  }
}

async function all(messages: AsyncGenerator<Message>): Promise<Message[]> {
  const found: Message[] = []
  for await (const message of messages) found.push(message)
  return found
}

describe('events of an ended run', () => {
  test('all come, in order, and then the end', async () => {
    const messages = await all(messagesOf(await open('/runs/ended/events')))
    const events = messages.slice(0, -1).map(({ data }) => JSON.parse(data) as { type: string; sequence: number })
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['run_queued', 'run_planned', 'step_started', 'asset_materialized', 'run_finished']),
    )
    expect(messages.slice(0, -1).map(({ id }) => Number(id))).toEqual(events.map(({ sequence }) => sequence))
    expect(events.map(({ sequence }) => sequence)).toEqual(
      events.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
    )
    expect(messages.at(-1)).toMatchObject({ event: 'end', id: messages.at(-2)?.id })
  })

  test('go on after the last one seen, and nothing is left to say after the end', async () => {
    const messages = await all(messagesOf(await open('/runs/ended/events')))
    const seen = messages[1]?.id ?? ''
    const rest = await all(messagesOf(await open('/runs/ended/events', { 'last-event-id': seen })))
    expect(rest.map(({ id }) => id)).toEqual(messages.slice(2).map(({ id }) => id))
    const over = await server.app.request('/api/v1/runs/ended/events', {
      headers: { 'last-event-id': messages.at(-1)?.id ?? '' },
    })
    expect(over.status).toBe(204)
  })

  test('of an unknown run are a problem', async () => {
    expect((await server.app.request('/api/v1/runs/none/events')).status).toBe(404)
  })
})

test('a run is told while it happens, to its end', async () => {
  const { store } = parts.options
  await store.runs.create({
    scope: shopScope,
    run: 'live',
    revision: 1,
    selection: '*',
    targets: ['trait/orders'],
    force: false,
  })
  const messages = messagesOf(await open('/runs/live/events'))
  const first = await messages.next()
  expect(JSON.parse((first.value as Message).data)).toMatchObject({ type: 'run_queued', run: 'live' })

  const rest = all(messages)
  await playRun(store, { ...base, run: 'live', force: true })
  const types = (await rest).map(({ event, data }) =>
    event === 'end' ? 'end' : (JSON.parse(data) as { type: string }).type,
  )
  expect(types).toContain('asset_materialized')
  expect(types.slice(-2)).toEqual(['run_finished', 'end'])
})

test('the stream of a project begins now, or where it is told to', async () => {
  const { store } = parts.options
  const stream = messagesOf(await open('/events'))
  await playRun(store, { ...base, run: 'seen', force: true })
  expect(JSON.parse(((await stream.next()).value as Message).data)).toMatchObject({ run: 'seen', type: 'run_queued' })
  await stream.return(undefined)

  const earlier = messagesOf(await open('/events?after=0'))
  const first = await earlier.next()
  expect(JSON.parse((first.value as Message).data)).toMatchObject({ type: 'revision_deployed' })
  await earlier.return(undefined)
})

test('what goes wrong inside a stream is told to the log alone', async () => {
  const seen: unknown[] = []
  const events = { ...parts.options.store.events, after: () => Promise.reject(new Error('password=1')) }
  const broken = createServer({
    ...parts.options,
    store: { ...parts.options.store, events },
    onError: (error) => seen.push(error),
  })
  const response = await broken.app.request('/api/v1/runs/ended/events')
  expect(await response.text()).toBe('retry: 2000\n\n')
  expect(seen).toHaveLength(1)
  await broken.close()
})
