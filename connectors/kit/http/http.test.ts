import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { route, startVendor, type VendorStandIn } from '../../../test/stand-ins/vendor.ts'
import { DestinationError, tokenBucket, type DestinationContext, type Limiter } from '../index.ts'
import { Meter } from '../meter.ts'
import { accessTokens, httpClient, retryAfterMs, type HttpClient, type HttpOptions } from './index.ts'

let vendor: VendorStandIn
let taken: unknown[]
const silent = (): void => undefined
let context: DestinationContext

beforeEach(async () => {
  taken = []
  context = {
    ...{ log: { debug: silent, info: silent, warn: silent, error: silent }, meter: new Meter() },
    ...{
      signal: new AbortController().signal,
      limiter: (_: string, options: { perSecond: number }) => tokenBucket(options),
    },
  }
  vendor = await startVendor([
    route({
      method: 'POST',
      path: '/rows',
      body: z.strictObject({ n: z.number() }),
      check: ({ headers }) => (headers.authorization === 'Bearer stale' ? ['a stale token'] : []),
      answer: (_, { n }) => {
        taken.push(n)
        return { body: { n } }
      },
    }),
    route({
      method: 'POST',
      path: '/token',
      check: ({ text }) => (new URLSearchParams(text).get('client_id') === 'me' ? [] : ['another client']),
      answer: () => ({ body: { access_token: `t${vendor.requests.length}`, expires_in: 3600 } }),
    }),
  ])
})
afterEach(() => vendor.close())

const row = (n: number, repeatable = true) => ({ method: 'POST', path: '/rows', json: { n }, repeatable }) as const

function client(options: Partial<HttpOptions> = {}): HttpClient {
  return httpClient({ vendor: 'Acme', baseUrl: `${vendor.url}/`, timeoutMs: 2_000, attempts: 3, context, ...options })
}

async function failure(promise: Promise<unknown>): Promise<DestinationError> {
  const error: unknown = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof DestinationError)) throw error
  return error
}

describe('a request', () => {
  test('is answered, and counted with its bytes', async () => {
    await expect(client().send(row(7))).resolves.toMatchObject({ status: 200, json: { n: 7 } })
    expect(context.meter.take()).toEqual({ requests: 1, throttled: 0, retried: 0, bytes: 7 })
    expect(context.meter.take()).toBeNull()
    expect(vendor.breaches).toEqual([])
  })

  test('that is too fast waits as it is told, and so does who shares the limiter', async () => {
    const pauses: number[] = []
    const limiter: Limiter = { take: () => Promise.resolve(), pause: (ms) => pauses.push(ms) }
    vendor.mishaps.push({ status: 429, headers: { 'retry-after': '0.05' } })
    await client({ limiter }).send(row(1, false))
    expect(pauses).toEqual([50])
    expect(vendor.requests).toHaveLength(2)
    const [first, second] = vendor.requests
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(45)
    expect(context.meter.take()).toMatchObject({ requests: 2, throttled: 1, retried: 1 })
  })

  test('is made again after what may have been done only if that does no harm', async () => {
    vendor.mishaps.push('fails after', 'cut', null)
    await client().send(row(1))
    expect(taken).toEqual([1, 1, 1])
    for (const mishap of ['fails after', 'cut', 'cut before'] as const) {
      vendor.mishaps.push(mishap)
      const error = await failure(client().send(row(2, false)))
      expect(error.failureType).toBe('transient_error')
      expect(error.message).toMatch(/not known whether the rows were taken/)
    }
    expect(vendor.requests).toHaveLength(6)
  })

  test('that gets no answer ends after its time', async () => {
    vendor.mishaps.push('hang')
    const error = await failure(client({ timeoutMs: 50 }).send(row(1, false)))
    expect(error.message).toMatch(/did not answer within 0.05 s/)
  })

  test('to nowhere is made again, and then told of', async () => {
    const gone = await startVendor([])
    await gone.close()
    const error = await failure(client({ baseUrl: gone.url, attempts: 2 }).send(row(1, false)))
    expect(error).toMatchObject({ failureType: 'transient_error', message: expect.stringMatching(/reached \(ECONN/) })
    const wrong = await failure(client({ baseUrl: 'no address' }).send(row(1)))
    expect(wrong.failureType).toBe('config_error')
  })

  test('that is refused is answered, for the vendor’s own code to read', async () => {
    vendor.mishaps.push({ status: 422, body: { field: 'email' } })
    await expect(client().send(row(1))).resolves.toMatchObject({ status: 422, ok: false, json: { field: 'email' } })
  })

  test('does not follow a redirection with what it carries', async () => {
    vendor.mishaps.push({ status: 307, headers: { location: 'http://127.0.0.1:1/' } })
    await expect(client().send(row(1))).resolves.toMatchObject({ status: 307 })
  })

  test('ends with the program', async () => {
    const controller = new AbortController()
    context = { ...context, signal: controller.signal }
    vendor.mishaps.push('hang')
    const sending = client().send(row(1))
    await expect.poll(() => vendor.requests.length).toBe(1)
    controller.abort()
    await expect(sending).rejects.toThrow()
  })
})

describe('access tokens', () => {
  const tokens = (clientId = 'me') =>
    accessTokens({
      vendor: 'Acme',
      http: client(),
      tokenUrl: `${vendor.url}/token`,
      parameters: { grant_type: 'client_credentials', client_id: clientId },
    })

  test('are asked for once by all who wait, and again when one is no longer accepted', async () => {
    const own = tokens()
    expect(await Promise.all([own.get(), own.get(), own.get()])).toEqual(['t1', 't1', 't1'])
    const http = client({ headers: async () => ({ authorization: `Bearer ${await own.get()}` }), renew: own.forget })
    vendor.mishaps.push({ status: 401 })
    await http.send(row(1))
    expect(vendor.requests.map(({ path, headers }) => `${path} ${headers.authorization ?? ''}`)).toEqual([
      '/token ',
      '/rows Bearer t1',
      '/token ',
      '/rows Bearer t3',
    ])
    vendor.mishaps.push({ status: 401 }, null, { status: 401 })
    const error = await failure(http.send(row(2)))
    expect(error).toMatchObject({ failureType: 'config_error', message: expect.stringMatching(/HTTP 401/) })
  })

  test('that are refused name the reason, and not what was sent', async () => {
    vendor.mishaps.push({ status: 400, body: { error: 'invalid_grant', error_description: 'secret-value' } })
    const error = await failure(tokens().get())
    expect(error.failureType).toBe('config_error')
    expect(error.message).toMatch(/invalid_grant/)
    expect(error.message).not.toMatch(/secret-value/)
  })
})

test('Retry-After is seconds or a date, and bounded', () => {
  expect(retryAfterMs('2')).toBe(2_000)
  expect(retryAfterMs('Wed, 21 Oct 2026 07:28:10 GMT', Date.parse('2026-10-21T07:28:00Z'))).toBe(10_000)
  expect(retryAfterMs('Wed, 21 Oct 2026 07:28:00 GMT', Date.parse('2026-10-21T07:28:10Z'))).toBe(0)
  expect(retryAfterMs('1e9')).toBe(900_000)
  expect(retryAfterMs(null)).toBeNull()
  expect(retryAfterMs('soon')).toBeNull()
})
