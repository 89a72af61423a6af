import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { Hono } from 'hono'
import { RequestProblem } from './problem.ts'
import type { TokenGate } from './security/token.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
}

interface UiFile {
  readonly body: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly immutable: boolean
}

/**
 * Serves the built page. The files are few and small: they are read once, so no request's path ever reaches the file
 * system. Any path that is no file is a place inside the page.
 */
export function uiRoutes(folder: string, gate: TokenGate | undefined): Hono {
  let files: Promise<Map<string, UiFile>> | undefined
  const load = () => {
    files ??= readFiles(folder).catch(() => {
      files = undefined
      throw notBuilt()
    })
    return files
  }

  return new Hono().get('/*', async (c) => {
    const token = c.req.query('token')
    if (token !== undefined && gate?.isToken(token) === true) {
      gate.signIn(c)
      const target = new URL(c.req.url)
      target.searchParams.delete('token')
      // The token leaves the address, and with it the browser's history.
      return c.redirect(`${target.pathname}${target.search}`, 303)
    }
    const known = await load()
    const file = known.get(c.req.path) ?? (extname(c.req.path) === '' ? known.get('/index.html') : undefined)
    if (file === undefined) {
      throw new RequestProblem(404, 'PAGE_NOT_FOUND', `There is nothing at ${c.req.path}.`, 'Start from /.')
    }
    return c.body(file.body, 200, {
      'content-type': file.type,
      'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    })
  })
}

function notBuilt(): RequestProblem {
  return new RequestProblem(
    404,
    'PAGE_NOT_BUILT',
    'The page has not been built; the API works.',
    'Run `npm run build`.',
  )
}

async function readFiles(folder: string): Promise<Map<string, UiFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry): Promise<[string, UiFile]> => {
        const path = join(entry.parentPath, entry.name)
        const address = `/${relative(folder, path).split(sep).join('/')}`
        const file = {
          body: new Uint8Array(await readFile(path)),
          type: types[extname(path)] ?? 'application/octet-stream',
          // The build puts a hash of the content into the names of these.
          immutable: address.startsWith('/static/'),
        }
        return [address, file]
      }),
  )
  return new Map(files)
}
