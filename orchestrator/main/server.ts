import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { TraitlineError } from '../contract/index.ts'
import { createServer, isLoopbackHost, type ServerOptions } from '../server/index.ts'

export interface ServeOptions extends ServerOptions {
  /** The interface to listen on: loopback unless told otherwise, and then only with an API token. */
  readonly host?: string
  /** 0, the default, takes a free one. */
  readonly port?: number
}

export interface ServedApp {
  /** Where a browser on this machine finds it. */
  readonly url: string
  readonly port: number
  /** Stops listening, ends open streams, and lets go of the store's notifications. The store stays open. */
  close(): Promise<void>
}

/** Serves the API and the page. Throws PORT_IN_USE, HOST_NOT_AVAILABLE or TOKEN_REQUIRED. */
export async function serveApp(options: ServeOptions): Promise<ServedApp> {
  const host = options.host ?? '127.0.0.1'
  if (!isLoopbackHost(host) && options.apiToken === undefined) throw tokenRequired(host)
  const { app, close } = createServer(options)
  const port = options.port ?? 0

  const listener = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port }, () => resolve(server))
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)))
  }).catch(async (error: unknown) => {
    await close()
    throw error
  })

  const bound = (listener.address() as AddressInfo).port
  const name = isLoopbackHost(host) ? host : 'localhost'
  return {
    url: `http://${name.includes(':') ? `[${name}]` : name}:${bound}`,
    port: bound,
    async close() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()))
      await close()
      // Streams of events would otherwise keep their connections open for ever.
      if ('closeAllConnections' in listener) listener.closeAllConnections()
      await closed
    },
  }
}

function tokenRequired(host: string): TraitlineError {
  return new TraitlineError({
    code: 'TOKEN_REQUIRED',
    message: `The server cannot listen on ${host} without an API token: whoever reaches it could start runs.`,
    hint: 'Set TRAITLINE_API_TOKEN to a long random text, or listen on 127.0.0.1.',
    blame: 'config',
  })
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): TraitlineError {
  if (error.code === 'EADDRINUSE' || error.code === 'EACCES') {
    return new TraitlineError({
      code: 'PORT_IN_USE',
      message: `Port ${port} of ${host} ${error.code === 'EACCES' ? 'may not be used' : 'is in use'}.`,
      hint: 'Choose another port, or 0 for a free one.',
      blame: 'config',
      cause: error,
    })
  }
  return new TraitlineError({
    code: 'HOST_NOT_AVAILABLE',
    message: `The server cannot listen on ${host}: ${error.code ?? 'the address is not available'}.`,
    hint: 'Name an address of this machine, such as 127.0.0.1 or 0.0.0.0.',
    blame: 'config',
    cause: error,
  })
}
