import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { ApiError, type Api } from './client.ts'

/** Every query of the page, with the keys that live events invalidate (see `invalidation.ts`). */
export function createQueries(api: Api) {
  return {
    projects: () => queryOptions({ queryKey: ['projects'], queryFn: ({ signal }) => api.projects(signal) }),
    graph: (select: string | undefined) =>
      queryOptions({
        queryKey: ['graph', select ?? ''],
        queryFn: ({ signal }) => api.graph(select, signal),
        placeholderData: keepPreviousData,
      }),
    assets: (select: string | undefined) =>
      infiniteQueryOptions({
        queryKey: ['assets', select ?? ''],
        queryFn: ({ signal, pageParam }) => api.assets({ select, limit: 1000, after: pageParam }, signal),
        initialPageParam: undefined as string | undefined,
        getNextPageParam: (page) => page.next ?? undefined,
        placeholderData: keepPreviousData,
      }),
    /** How many assets a selection means, or why it means none. */
    selectionSize: (select: string) =>
      queryOptions({
        queryKey: ['assets', 'size', select],
        queryFn: async ({ signal }) => (await api.assets({ select, limit: 1 }, signal)).total,
        retry: false,
        placeholderData: keepPreviousData,
      }),
    asset: (key: string) => queryOptions({ queryKey: ['asset', key], queryFn: ({ signal }) => api.asset(key, signal) }),
    materializations: (key: string) =>
      infiniteQueryOptions({
        queryKey: ['asset', key, 'materializations'],
        queryFn: ({ signal, pageParam }) => api.materializations(key, pageParam, signal),
        initialPageParam: undefined as string | undefined,
        getNextPageParam: (page) => page.next ?? undefined,
      }),
    checks: (key: string) =>
      queryOptions({ queryKey: ['asset', key, 'checks'], queryFn: ({ signal }) => api.checks(key, signal) }),
    syncs: (key: string) =>
      queryOptions({ queryKey: ['asset', key, 'syncs'], queryFn: ({ signal }) => api.syncs(key, signal) }),
    /** Null where no local stand-in for Slack runs. */
    messages: () =>
      queryOptions({
        queryKey: ['messages'],
        queryFn: ({ signal }) =>
          api.messages(signal).catch((error: unknown) => {
            if (error instanceof ApiError && error.problem.status === 404) return null
            throw error
          }),
      }),
    runs: () =>
      infiniteQueryOptions({
        queryKey: ['runs'],
        queryFn: ({ signal, pageParam }) => api.runs(pageParam, signal),
        initialPageParam: undefined as string | undefined,
        getNextPageParam: (page) => page.next ?? undefined,
      }),
    run: (id: string) => queryOptions({ queryKey: ['run', id], queryFn: ({ signal }) => api.run(id, signal) }),
    log: (id: string, step: string) =>
      infiniteQueryOptions({
        queryKey: ['log', id, step],
        queryFn: ({ signal, pageParam }) => api.log(id, step, pageParam, signal),
        initialPageParam: 0,
        getNextPageParam: (page) => page.next ?? undefined,
      }),
    revisions: () =>
      infiniteQueryOptions({
        queryKey: ['revisions'],
        queryFn: ({ signal, pageParam }) => api.revisions(pageParam, signal),
        initialPageParam: undefined as string | undefined,
        getNextPageParam: (page) => page.next ?? undefined,
      }),
    revision: (n: number) =>
      queryOptions({
        queryKey: ['revision', n],
        queryFn: ({ signal }) => api.revision(n, signal),
        staleTime: Infinity,
      }),
  }
}

export type Queries = ReturnType<typeof createQueries>
