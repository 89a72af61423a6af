import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export const credentials = { access_key_id: 'AKIAEXAMPLE', secret_access_key: 'secret-not-to-be-seen' }

export type StoreMishap = { readonly status: number; readonly code: string } | 'cut' | 'hang'

export interface StoreStandIn {
  readonly url: string
  readonly objects: Map<string, Buffer>
  /** Parts of uploads that were neither put together nor given up. */
  readonly uploads: Map<string, Buffer[]>
  readonly requests: string[]
  /** What requests did against the documentation of the API and of its signatures. */
  readonly breaches: string[]
  /** One for each request to come, in order; null for none. */
  readonly mishaps: (StoreMishap | null)[]
  close(): Promise<void>
}

/**
 * A store that speaks S3, with one bucket, `lake`. Each request's signature is computed anew by the published steps of
 * Signature Version 4, and its digests are checked.
 */
export async function startStore(): Promise<StoreStandIn> {
  const objects = new Map<string, Buffer>()
  const uploads = new Map<string, Buffer[]>()
  const requests: string[] = []
  const breaches: string[] = []
  const mishaps: (StoreMishap | null)[] = []

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const url = new URL(incoming.url ?? '/', 'http://store.invalid')
    requests.push(`${incoming.method} ${url.pathname}`)
    const mishap = mishaps.shift() ?? null
    if (mishap === 'hang') return
    if (mishap === 'cut') return void incoming.socket.destroy()
    if (mishap !== null) return refuse(response, mishap.status, mishap.code)
    if (!(incoming.headers.authorization ?? '').includes(`Credential=${credentials.access_key_id}/`)) {
      return refuse(response, 403, 'InvalidAccessKeyId')
    }
    if (signatureOf(incoming, url) !== /Signature=([0-9a-f]+)/.exec(incoming.headers.authorization ?? '')?.[1]) {
      return refuse(response, 403, 'SignatureDoesNotMatch')
    }
    breaches.push(...digestBreaches(incoming, body))
    const [, bucket, ...rest] = url.pathname.split('/')
    if (bucket !== 'lake') return refuse(response, 404, 'NoSuchBucket')
    act(incoming.method ?? '', rest.map(decodeURIComponent).join('/'), url.searchParams, body, response)
  }

  function act(method: string, key: string, query: URLSearchParams, body: Buffer, response: ServerResponse): void {
    const upload = query.get('uploadId')
    const etag = `"${createHash('md5').update(body).digest('hex')}"`
    if (method === 'POST' && query.has('uploads')) {
      const id = `upload-${uploads.size + 1}`
      uploads.set(id, [])
      return answer(
        response,
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      )
    }
    if (method === 'PUT' && upload !== null) {
      uploads.get(upload)?.splice(Number(query.get('partNumber')) - 1, 1, body)
      return answer(response, '', { etag })
    }
    if (method === 'PUT') {
      objects.set(key, body)
      return answer(response, '', { etag })
    }
    if (method === 'POST' && upload !== null) {
      objects.set(key, Buffer.concat(uploads.get(upload) ?? []))
      uploads.delete(upload)
      return answer(response, `<CompleteMultipartUploadResult><Key>${key}</Key></CompleteMultipartUploadResult>`)
    }
    if (method === 'DELETE' && upload !== null) {
      uploads.delete(upload)
      return answer(response, '')
    }
    breaches.push(`${method} ${key} is not expected`)
    refuse(response, 405, 'MethodNotAllowed')
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => breaches.push(`the stand-in failed: ${String(error)}`))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    ...{ objects, uploads, requests, breaches, mishaps },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** docs.aws.amazon.com, "Create a signed AWS API request": canonical request, string to sign, derived key. */
function signatureOf({ method, headers }: IncomingMessage, url: URL): string {
  const authorization = headers.authorization ?? ''
  const [, date = '', region = '', service = ''] =
    /Credential=[^/]+\/(\d+)\/([^/]+)\/([^/]+)\//.exec(authorization) ?? []
  const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? ''
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&')
  const canonical = [
    method,
    url.pathname,
    query,
    ...signed.split(';').map((name) => `${name}:${String(headers[name] ?? '').trim()}`),
    '',
    signed,
    String(headers['x-amz-content-sha256']),
  ].join('\n')
  const scope = `${date}/${region}/${service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', String(headers['x-amz-date']), scope, sha256(canonical)].join('\n')
  const key = [date, region, service, 'aws4_request'].reduce<Buffer | string>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${credentials.secret_access_key}`,
  )
  return createHmac('sha256', key).update(toSign).digest('hex')
}

function digestBreaches({ method, headers }: IncomingMessage, body: Buffer): string[] {
  const breaches: string[] = []
  const claimed = headers['x-amz-content-sha256']
  if (claimed !== 'UNSIGNED-PAYLOAD' && claimed !== sha256(body))
    breaches.push('x-amz-content-sha256 is not of the body')
  const md5 = headers['content-md5']
  if (method === 'PUT' && md5 === undefined) breaches.push('no content-md5')
  if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('base64')) {
    breaches.push('content-md5 is not of the body')
  }
  return breaches
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

function answer(response: ServerResponse, xml: string, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/xml', ...headers })
  response.end(xml)
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>in the store’s words</Message></Error>`)
}
