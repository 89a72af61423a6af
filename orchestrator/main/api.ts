import { TraitlineError, type Blame } from '../contract/index.ts'
import { createServer } from '../server/index.ts'
import type { Store } from '../store/index.ts'
import { findConnections } from './connections.ts'
import type { CommandContext } from './commands/context.ts'
import { executedNotebooks } from './executed-notebook.ts'
import { latestRevision, openStore, type Revision } from './records.ts'

type Query = Readonly<Record<string, string | number | string[] | undefined>>

/** The HTTP API's own answers, asked for in this process: what a command prints with --json is what the API documents. */
export interface Api {
  readonly store: Store
  readonly revision: Revision
  get<T>(path: string, query?: Query): Promise<T>
  /** The answer as it is, for what is streamed. */
  fetch(path: string, signal?: AbortSignal): Promise<Response>
}

/** Reads the record alone: neither a server nor Temporal has to be there. */
export async function withApi<T>(
  context: CommandContext,
  options: { readonly name?: string | undefined },
  work: (api: Api) => Promise<T>,
): Promise<T> {
  const settings = context.settings()
  const store = openStore(await findConnections(settings, context.env), 'traitline')
  try {
    const revision = await latestRevision(store, settings.environment, options.name ?? null)
    const server = createServer({
      store,
      scope: revision.scope,
      launcher: nothingOf(),
      backfills: nothingOf(),
      schedules: nothingOf(),
      pingTemporal: nothingOf<{ ping(): Promise<void> }>().ping,
      runs: { warehouse: '', concurrency: 1 },
      notebooks: executedNotebooks(settings.home),
      // Without a token the API answers to loopback names alone.
      apiToken: undefined,
    })
    const fetch = async (path: string, signal?: AbortSignal): Promise<Response> => {
      const response = await server.app.request(`http://127.0.0.1/api/v1${path}`, {
        headers: { accept: 'application/json' },
        ...(signal === undefined ? {} : { signal }),
      })
      if (!response.ok) throw asError(await response.json())
      return response
    }
    try {
      return await work({
        store,
        revision,
        fetch,
        async get<Answer>(path: string, query: Query = {}) {
          const given = new URLSearchParams()
          for (const [name, value] of Object.entries(query)) {
            for (const each of [value].flat()) if (each !== undefined) given.append(name, String(each))
          }
          const search = given.toString()
          return (await (await fetch(search === '' ? path : `${path}?${search}`)).json()) as Answer
        },
      })
    } finally {
      await server.close()
    }
  } finally {
    await store.close()
  }
}

/** Of what only writes, and is not to be asked for here. */
function nothingOf<T extends object>(): T {
  return new Proxy({} as T, {
    get: () => () => Promise.reject(new Error('commands that read start nothing')),
  })
}

function asError(problem: unknown): TraitlineError {
  const { code, detail, hint, status } = problem as { code: string; detail: string; hint: string; status: number }
  const blame: Blame = status < 500 ? 'user' : 'system'
  return new TraitlineError({ code, message: detail, hint, blame })
}
