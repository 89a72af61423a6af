import { createContext, useContext } from 'react'
import type { Api, ProjectScope } from './client.ts'
import type { Queries } from './queries.ts'

export interface ApiContextValue {
  readonly api: Api
  readonly queries: Queries
  readonly scope: ProjectScope
}

export const ApiContext = createContext<ApiContextValue | null>(null)

export function useApi(): ApiContextValue {
  const value = useContext(ApiContext)
  if (value === null) throw new Error('useApi is called outside of the page’s shell')
  return value
}
