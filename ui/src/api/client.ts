import type {
  AssetDetail,
  AssetPage,
  CheckList,
  Graph,
  LogPage,
  MaterializationPage,
  MessageList,
  Problem,
  ProjectList,
  RevisionDetail,
  RevisionPage,
  RunDetail,
  RunPage,
  StartedRun,
  StartRun,
  SyncRunList,
} from '../../../orchestrator/server/api.ts'

/** Which project is looked at; nothing where there is only one. */
export interface ProjectScope {
  readonly project?: string | undefined
  readonly environment?: string | undefined
}

/** An answer that is a problem, or none at all: then its status is 0. */
export class ApiError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.name = 'ApiError'
    this.problem = problem
  }
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** One function a route, typed by the server's own schemas. */
export function createApi(scope: ProjectScope) {
  const get = <T>(path: string, query: Query = {}, signal?: AbortSignal) =>
    request<T>('GET', path, { ...scope, ...query }, undefined, signal)
  const asset = (key: string) => `/assets/${encodeURIComponent(key)}`
  const run = (id: string) => `/runs/${encodeURIComponent(id)}`
  return {
    projects: (signal?: AbortSignal) => get<ProjectList>('/projects', {}, signal),
    graph: (select: string | undefined, signal?: AbortSignal) => get<Graph>('/graph', { select }, signal),
    assets: (
      query: { select?: string | undefined; limit?: number; after?: string | undefined },
      signal?: AbortSignal,
    ) => get<AssetPage>('/assets', query, signal),
    asset: (key: string, signal?: AbortSignal) => get<AssetDetail>(asset(key), {}, signal),
    materializations: (key: string, before: string | undefined, signal?: AbortSignal) =>
      get<MaterializationPage>(`${asset(key)}/materializations`, { before, limit: 10 }, signal),
    checks: (key: string, signal?: AbortSignal) => get<CheckList>(`${asset(key)}/checks`, { limit: 100 }, signal),
    syncs: (key: string, signal?: AbortSignal) => get<SyncRunList>(`${asset(key)}/syncs`, {}, signal),
    messages: (signal?: AbortSignal) => get<MessageList>('/messages', {}, signal),
    runs: (before: string | undefined, signal?: AbortSignal) => get<RunPage>('/runs', { before, limit: 50 }, signal),
    run: (id: string, signal?: AbortSignal) => get<RunDetail>(run(id), {}, signal),
    log: (id: string, step: string, after: number, signal?: AbortSignal) =>
      get<LogPage>(`${run(id)}/logs/${encodeURIComponent(step)}`, { after, limit: 2000 }, signal),
    revisions: (before: string | undefined, signal?: AbortSignal) =>
      get<RevisionPage>('/revisions', { before, limit: 50 }, signal),
    revision: (n: number, signal?: AbortSignal) => get<RevisionDetail>(`/revisions/${n}`, {}, signal),
    startRun: (body: StartRun) => request<StartedRun>('POST', '/runs', { ...scope }, body),
    cancelRun: (id: string) => request<void>('POST', `${run(id)}/cancel`),
    signIn: (token: string) => request<void>('POST', '/session', {}, { token }),
  }
}

export type Api = ReturnType<typeof createApi>

export function eventsAddress(scope: ProjectScope, after: string | null): string {
  return address('/events', { ...scope, after: after ?? undefined })
}

function address(path: string, query: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
  return `/api/v1${path}${search.size > 0 ? `?${search}` : ''}`
}

async function request<T>(
  method: string,
  path: string,
  query: Query = {},
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const response = await fetch(address(path, query), {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error
    throw new ApiError(unreachable)
  })
  if (!response.ok) throw new ApiError(await problemIn(response))
  const text = await response.text()
  return (text === '' ? undefined : JSON.parse(text)) as T
}

const unreachable: Problem = {
  type: 'about:blank',
  title: 'No answer',
  status: 0,
  code: 'SERVER_UNREACHABLE',
  detail: 'The server does not answer.',
  hint: 'See whether it is running; this page tries again by itself.',
}

async function problemIn(response: Response): Promise<Problem> {
  const found: unknown = await response.json().catch(() => null)
  if (typeof found === 'object' && found !== null && 'code' in found) return found as Problem
  return {
    ...unreachable,
    title: response.statusText,
    status: response.status,
    code: 'ANSWER_NOT_UNDERSTOOD',
    detail: `The server answered ${response.status} without saying why.`,
    hint: 'See its log.',
  }
}
