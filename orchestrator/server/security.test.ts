import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tempDir } from '../../test/harness/temp.ts'
import { openServerParts } from '../../test/recorded/open.ts'
import type { Problem } from './api.ts'
import { createServer, isLoopbackHost } from './index.ts'

let parts: Awaited<ReturnType<typeof openServerParts>>
beforeAll(async () => {
  parts = await openServerParts()
})
afterAll(() => parts.close())

const token = 'a-long-random-token'

describe('without a token', () => {
  test('only this machine’s own names are answered', async () => {
    const { app } = createServer(parts.options)
    for (const host of ['localhost:4400', '127.0.0.1', '[::1]:80']) {
      expect((await app.request('/api/v1/projects', { headers: { host } })).status, host).toBe(200)
    }
    for (const host of ['rebound.example:4400', 'localhost.example', '127.0.0.1.example', '10.0.0.1']) {
      const response = await app.request('/api/v1/projects', { headers: { host } })
      expect([response.status, ((await response.json()) as Problem).code], host).toEqual([421, 'HOST_REFUSED'])
    }
    // Whoever watches over the process asks by an address of its own.
    expect((await app.request('/healthz', { headers: { host: '10.0.0.1:4400' } })).status).toBe(200)
  })

  test('pages of other sites cannot write', async () => {
    const { app } = createServer(parts.options)
    const post = (headers: Record<string, string>) =>
      app.request('/api/v1/runs', {
        method: 'POST',
        headers: { host: 'localhost:4400', 'content-type': 'application/json', ...headers },
        body: '{"selection":"*"}',
      })
    expect((await post({ origin: 'http://evil.example' })).status).toBe(403)
    expect((await post({ origin: 'null' })).status).toBe(403)
    expect((await post({ origin: 'http://localhost:5173' })).status).toBe(403)
    expect((await post({ 'sec-fetch-site': 'same-site', origin: 'http://localhost:4400' })).status).toBe(403)
    // Refused for another reason, further in: nothing is deployed.
    expect((await post({ origin: 'http://localhost:4400' })).status).toBe(404)
    expect((await post({ 'sec-fetch-site': 'same-origin' })).status).toBe(404)
    expect((await post({})).status).toBe(404)
  })
})

describe('with a token', () => {
  const open = () => createServer({ ...parts.options, apiToken: token }).app

  test('the API wants it, and any name is answered', async () => {
    const app = open()
    const headers = { host: 'traitline.example' }
    const without = await app.request('/api/v1/projects', { headers })
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="traitline"'])
    const wrong = await app.request('/api/v1/projects', { headers: { ...headers, authorization: 'Bearer other' } })
    expect(((await wrong.json()) as Problem).code).toBe('TOKEN_WRONG')
    const right = await app.request('/api/v1/projects', { headers: { ...headers, authorization: `Bearer ${token}` } })
    expect(right.status).toBe(200)
    expect((await app.request('/openapi.json', { headers })).status).toBe(401)
    expect((await app.request('/readyz', { headers })).status).toBe(200)
  })

  test('it is exchanged for a cookie that scripts cannot read and that does not reveal it', async () => {
    const app = open()
    const signIn = (body: unknown, headers: Record<string, string> = {}) =>
      app.request('/api/v1/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
    expect((await signIn({ token: 'other' })).status).toBe(401)
    expect((await signIn({ token }, { origin: 'http://evil.example' })).status).toBe(403)
    const signedIn = await signIn({ token })
    expect(signedIn.status).toBe(204)
    const cookie = signedIn.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/)
    expect(cookie).not.toContain(token)
    const pair = cookie.split(';')[0] ?? ''
    expect((await app.request('/api/v1/projects', { headers: { cookie: pair } })).status).toBe(200)
    expect((await app.request('/api/v1/projects', { headers: { cookie: `${pair}x` } })).status).toBe(401)
    // The cookie alone does not make another site's write welcome.
    const forged = await app.request('/api/v1/runs', {
      method: 'POST',
      headers: { cookie: pair, origin: 'http://evil.example', 'content-type': 'application/json' },
      body: '{"selection":"*"}',
    })
    expect(forged.status).toBe(403)
    const out = await app.request('/api/v1/session', { method: 'DELETE', headers: { cookie: pair } })
    expect(out.headers.get('set-cookie')).toMatch(/Max-Age=0/)
  })
})

describe('the page', () => {
  const build = async () => {
    const folder = await tempDir()
    await mkdir(join(folder, 'static'))
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>Traitline</title>')
    await writeFile(join(folder, 'static/app-1a2b.js'), 'export {}')
    return folder
  }

  test('is served for any place in it, its files cached by their hashes', async () => {
    const { app } = createServer({ ...parts.options, uiDir: await build() })
    for (const path of ['/', '/graph', '/assets/trait/orders', '/runs/1']) {
      const response = await app.request(path)
      expect([response.status, response.headers.get('cache-control')], path).toEqual([200, 'no-cache'])
      expect(await response.text()).toContain('<title>')
    }
    const script = await app.request('/static/app-1a2b.js')
    expect(script.headers.get('cache-control')).toContain('immutable')
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    for (const path of [
      '/static/other.js',
      '/../package.json',
      '/..%2fpackage.json',
      '/static/..%2f..%2fpackage.json',
    ]) {
      expect((await app.request(path)).status, path).toBe(404)
    }
    expect((await app.request('/api/v1/none')).headers.get('content-type')).toBe('application/problem+json')
  })

  test('loads nothing from elsewhere and cannot be framed', async () => {
    const { app } = createServer({ ...parts.options, uiDir: await build() })
    const { headers } = await app.request('/')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect((await app.request('/api/v1/none')).headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('takes the token from the address, and takes it out of there', async () => {
    const { app } = createServer({ ...parts.options, uiDir: await build(), apiToken: token })
    const response = await app.request(`/graph?select=a&token=${token}`)
    expect([response.status, response.headers.get('location')]).toEqual([303, '/graph?select=a'])
    expect(response.headers.get('set-cookie')).toContain('HttpOnly')
    expect((await app.request('/graph?token=other')).headers.get('set-cookie')).toBeNull()
    // Without it the page is shown, which then asks for it.
    expect((await app.request('/graph')).status).toBe(200)
  })

  test('that was not built is said so', async () => {
    const { app } = createServer({ ...parts.options, uiDir: join(await tempDir(), 'none') })
    const response = await app.request('/')
    expect([response.status, ((await response.json()) as Problem).code]).toEqual([404, 'PAGE_NOT_BUILT'])
  })
})

test('large bodies are refused', async () => {
  const { app } = createServer(parts.options)
  const response = await app.request('/api/v1/runs', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': '2000000' },
    body: JSON.stringify({ selection: 'x'.repeat(2_000_000) }),
  })
  expect(response.status).toBe(413)
})

test('loopback names', () => {
  for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1', '127.3.2.1:80', '::1', '[::1]', '[::1]:80']) {
    expect(isLoopbackHost(host), host).toBe(true)
  }
  for (const host of [
    '',
    '0.0.0.0',
    '::',
    '[::]',
    'example.com',
    '127.0.0.1.example.com',
    'localhost.evil',
    '1:2:3::1',
  ]) {
    expect(isLoopbackHost(host), host).toBe(false)
  }
})
