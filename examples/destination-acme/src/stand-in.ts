import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface AcmeStandIn {
  readonly url: string
  readonly contacts: Map<string, unknown>
  /** Answers the next requests with these instead. */
  readonly mishaps: { readonly status: number; readonly headers?: Readonly<Record<string, string>> }[]
  close(): Promise<void>
}

/** A server that does what Acme’s API is documented to do, and fails on demand. */
export async function startAcme(apiKey: string): Promise<AcmeStandIn> {
  const contacts = new Map<string, unknown>()
  const mishaps: AcmeStandIn['mishaps'] = []

  const answer = async (request: IncomingMessage): Promise<[status: number, body: unknown]> => {
    if (request.headers.authorization !== `Bearer ${apiKey}`) return [401, {}]
    if (request.url === '/v1/me') return [200, { account: 'acme' }]
    if (request.url !== '/v1/contacts') return [404, {}]
    const body = JSON.parse(await textOf(request)) as { readonly contacts: readonly { readonly email?: unknown }[] }
    if (body.contacts.length > 100) return [413, {}]
    const results = body.contacts.map((contact) => {
      if (typeof contact.email !== 'string' || !contact.email.includes('@'))
        return { status: 'error', code: 'no_email' }
      if (request.method === 'DELETE') contacts.delete(contact.email)
      else contacts.set(contact.email, contact)
      return { status: 'ok' }
    })
    return [200, { results }]
  }

  const server = createServer((request, response) => {
    const mishap = mishaps.shift()
    if (mishap !== undefined) {
      request.resume()
      response.writeHead(mishap.status, mishap.headers).end('{}')
      return
    }
    void answer(request).then(([status, body]) => response.writeHead(status).end(JSON.stringify(body)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    contacts,
    mishaps,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
