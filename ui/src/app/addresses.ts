import { assetKinds, type AssetKind } from '../../../orchestrator/contract/index.ts'
import { flag, oneOf, positive, text } from '../lib/search.ts'

/** Every page's state is in its address: what it can be, and how it is read. */

type Search = Readonly<Record<string, unknown>>

export interface RootSearch {
  readonly project?: string | undefined
  readonly environment?: string | undefined
}

export const healthFilters = ['failing', 'stale', 'running', 'never'] as const
export type HealthFilter = (typeof healthFilters)[number]

export interface GraphSearch {
  /** A selection, in the CLI's language. */
  readonly select?: string | undefined
  /** The asset in the side panel. */
  readonly asset?: string | undefined
  readonly kind?: AssetKind | undefined
  readonly health?: HealthFilter | undefined
}

export const assetColumns = ['key', 'status', 'rows', 'materialized'] as const
export type AssetColumn = (typeof assetColumns)[number]

export interface AssetsSearch {
  readonly select?: string | undefined
  readonly q?: string | undefined
  readonly kind?: AssetKind | undefined
  readonly health?: HealthFilter | undefined
  readonly sort?: AssetColumn | undefined
  readonly desc?: true | undefined
}

export interface RunSearch {
  readonly asset?: string | undefined
  /** Fresh assets are folded away unless asked for. */
  readonly fresh?: true | undefined
}

export interface RevisionsSearch {
  readonly revision?: number | undefined
}

export const readSearch = {
  root: (search: Search): RootSearch => ({
    project: text(search['project']),
    environment: text(search['environment']),
  }),
  graph: (search: Search): GraphSearch => ({
    select: text(search['select']),
    asset: text(search['asset']),
    kind: oneOf(search['kind'], assetKinds),
    health: oneOf(search['health'], healthFilters),
  }),
  assets: (search: Search): AssetsSearch => ({
    select: text(search['select']),
    q: text(search['q']),
    kind: oneOf(search['kind'], assetKinds),
    health: oneOf(search['health'], healthFilters),
    sort: oneOf(search['sort'], assetColumns),
    desc: flag(search['desc']),
  }),
  run: (search: Search): RunSearch => ({ asset: text(search['asset']), fresh: flag(search['fresh']) }),
  revisions: (search: Search): RevisionsSearch => ({ revision: positive(search['revision']) }),
}
