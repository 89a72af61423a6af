import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServerParts } from '../../test/recorded/open.ts'
import { planOf, scope, specOf, stepInput } from '../../test/store/fresh-store.ts'
import type { AssetKey } from '../contract/index.ts'
import { createServer, type TraitlineServer } from './index.ts'

let parts: Awaited<ReturnType<typeof openServerParts>>
let server: TraitlineServer
const asset: AssetKey = 'notebook/churn'
const executed = JSON.stringify({ cells: [{ cell_type: 'code', source: '1', outputs: [] }] })

beforeAll(async () => {
  parts = await openServerParts()
  const { store } = parts.options
  await store.assets.register(scope, [specOf(asset)])
  await store.runs.create({ scope, run: 'r1', revision: 1, selection: '*', targets: [asset], force: false })
  await store.runs.savePlan('r1', planOf([asset]))
  await store.assets.startStep(stepInput('r1', asset), [asset], 1)
  server = createServer({
    ...parts.options,
    notebooks: (run, step) => Promise.resolve(run === 'r1' && step === asset ? executed : null),
  })
})
afterAll(async () => {
  await server.close()
  await parts.close()
})

const path = `/api/v1/runs/r1/logs/${encodeURIComponent(asset)}`

function append(...texts: string[]): Promise<void> {
  const lines = texts.map((text) => ({ at: '2026-01-31T10:00:00.000Z', stream: 'stdout' as const, text }))
  return parts.options.store.logs.append({ scope, run: 'r1', step: asset, lines })
}

async function* eventsOf(response: Response): AsyncGenerator<{ id: string; event: string; data: string }> {
  let buffer = ''
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    buffer += Buffer.from(bytes).toString()
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const fields = Object.fromEntries(
        buffer
          .slice(0, end)
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
      )
      buffer = buffer.slice(end + 2)
      if ('id' in fields) yield { id: fields['id'] ?? '', event: fields['event'] ?? '', data: fields['data'] ?? '' }
    }
  }
}

test('lines arrive while the step works, a reader goes on where it was, and the stream ends with the step', async () => {
  const { store } = parts.options
  await append('one', 'two')
  const events = eventsOf(await server.app.request(`${path}/stream`))
  expect((await events.next()).value).toMatchObject({ id: '1', data: expect.stringContaining('"one"') as string })
  expect((await events.next()).value).toMatchObject({ id: '2' })
  const next = events.next()
  await append('three')
  expect((await next).value).toMatchObject({ id: '3', data: expect.stringContaining('"three"') as string })

  const again = eventsOf(await server.app.request(`${path}/stream`, { headers: { 'last-event-id': '2' } }))
  expect((await again.next()).value).toMatchObject({ id: '3' })

  await append('the end')
  await store.assets.recordOutcomes(scope, 'r1', [{ asset, status: 'fresh' }])
  for (const stream of [events, again]) {
    expect((await stream.next()).value).toMatchObject({ id: '4' })
    expect((await stream.next()).value).toMatchObject({ event: 'end' })
    expect((await stream.next()).done).toBe(true)
  }
})

test('all of a log is a file, as text or as JSON lines', async () => {
  const text = await server.app.request(`${path}/file`)
  expect(text.headers.get('content-disposition')).toBe('attachment; filename="r1-notebook-churn.log"')
  expect((await text.text()).split('\n')[0]).toBe('2026-01-31T10:00:00.000Z stdout     one')
  const json = await server.app.request(`${path}/file?format=ndjson`)
  const lines = (await json.text()).trimEnd().split('\n')
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ number: 2, text: 'two' })
  const zipped = await server.app.request(`${path}/file`, { headers: { 'accept-encoding': 'gzip' } })
  expect(zipped.headers.get('content-encoding')).toBe('gzip')
  expect((await server.app.request('/api/v1/runs/none/logs/x/file')).status).toBe(404)
})

test('an executed notebook is a file, or a page that may do nothing', async () => {
  const address = `/api/v1/runs/r1/steps/${encodeURIComponent(asset)}/notebook`
  const file = await server.app.request(address)
  expect(file.headers.get('content-type')).toBe('application/x-ipynb+json')
  expect(await file.text()).toBe(executed)
  const shown = await server.app.request(`${address}?format=html`)
  expect(shown.headers.get('content-type')).toContain('text/html')
  expect(shown.headers.get('content-security-policy')).toMatch(/^default-src 'none'.*sandbox$/)
  expect(await shown.text()).toContain('notebook/churn')
  const missing = await server.app.request('/api/v1/runs/r1/steps/notebook%2Fother/notebook')
  expect(missing.status).toBe(404)
  expect(await missing.json()).toMatchObject({ code: 'NOTEBOOK_NOT_KEPT' })
})
