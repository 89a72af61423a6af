import { useEffect, useMemo, useState } from 'react'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { ApiError, createApi } from '../api/client.ts'
import { ApiContext } from '../api/context.tsx'
import { followEvents, pollingInterval } from '../api/live.ts'
import { createQueries } from '../api/queries.ts'
import { Shell } from './shell.tsx'
import { SignIn } from './sign-in.tsx'

/** Everything that one project's pages share: the client, what it has learnt, and the stream of news. */
export function Root() {
  const { project, environment } = useSearch({ from: '__root__' })
  const [signedOut, setSignedOut] = useState(false)

  const shared = useMemo(() => {
    const scope = { project, environment }
    const api = createApi(scope)
    const onError = (error: unknown) => {
      if (error instanceof ApiError && error.problem.status === 401) setSignedOut(true)
    }
    const client = new QueryClient({
      queryCache: new QueryCache({ onError }),
      mutationCache: new MutationCache({ onError }),
      defaultOptions: {
        queries: {
          // News say when something is stale; see `followEvents`.
          staleTime: 30_000,
          refetchInterval: pollingInterval,
          retry: (count, error) => count < 2 && !(error instanceof ApiError && isFinal(error.problem.status)),
        },
      },
    })
    return { client, value: { api, queries: createQueries(api), scope } }
  }, [project, environment])

  useEffect(() => {
    if (signedOut) return
    return followEvents(shared.client, shared.value.scope)
  }, [shared, signedOut])

  return (
    <QueryClientProvider client={shared.client}>
      <ApiContext value={shared.value}>
        {signedOut ? (
          <SignIn
            onSignedIn={() => {
              shared.client.clear()
              setSignedOut(false)
            }}
          />
        ) : (
          <Shell />
        )}
      </ApiContext>
    </QueryClientProvider>
  )
}

/** Answers that asking again does not change. */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500
}
