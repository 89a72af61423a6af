import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServerParts } from '../../test/recorded/open.ts'
import { deploy } from '../../test/recorded/record.ts'
import { shopManifest } from '../../test/recorded/shop.ts'
import { serveApp } from './server.ts'

let parts: Awaited<ReturnType<typeof openServerParts>>
beforeAll(async () => {
  parts = await openServerParts()
  await deploy(parts.options.store, shopManifest())
})
afterAll(() => parts.close())

test('takes a free port of the loopback, and lets it go', async () => {
  const served = await serveApp(parts.options)
  expect(served.url).toBe(`http://127.0.0.1:${served.port}`)
  expect((await fetch(`${served.url}/api/v1/assets`)).status).toBe(200)

  // An open stream does not keep it from closing.
  const stream = await fetch(`${served.url}/api/v1/events`)
  expect(stream.headers.get('content-type')).toBe('text/event-stream')
  await served.close()
  await expect(stream.text()).rejects.toThrow()
  await expect(fetch(`${served.url}/healthz`)).rejects.toThrow()
})

test('other interfaces only with a token', async () => {
  await expect(serveApp({ ...parts.options, host: '0.0.0.0' })).rejects.toMatchObject({
    code: 'TOKEN_REQUIRED',
    hint: expect.stringContaining('TRAITLINE_API_TOKEN') as string,
  })
  const served = await serveApp({ ...parts.options, host: '0.0.0.0', apiToken: 'secret' })
  expect((await fetch(`${served.url}/api/v1/assets`)).status).toBe(401)
  await served.close()
})

test('a port in use, and an address that is not ours, are said clearly', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  await expect(serveApp({ ...parts.options, port })).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining(String(port)) as string,
  })
  await new Promise((resolve) => other.close(resolve))
  await expect(serveApp({ ...parts.options, host: '192.0.2.1', apiToken: 'secret' })).rejects.toMatchObject({
    code: 'HOST_NOT_AVAILABLE',
  })
})
