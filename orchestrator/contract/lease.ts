import type { AssetKey, AssetKind } from './asset-key.ts'
import { kindOf } from './asset-key.ts'
import type { Scope } from './names.ts'

/**
 * Slots of pools, handed out as leases that belong to a workflow: a step's while it works, a run's from before its
 * planning to its end.
 *
 * Pools are an environment's, so that its projects share them. Their names:
 *
 * | pool | who needs a slot |
 * |---|---|
 * | `snowflake` | steps of assets that name it |
 * | `warehouse/<id>` | every step that writes to that warehouse |
 * | `<project>/destination/<name>` | syncs to that destination |
 * | `runs`, `<project>/runs` | runs |
 * | `runs/<key>=<value>`, `<project>/runs/<key>=<value>` | runs with that tag |
 *
 * Only a pool with a limit is waited for. `warehouse/*` and `.../<key>=*` are the limits of every pool of that shape
 * that has none of its own.
 */
export interface PoolLimit {
  readonly pool: string
  /** 0 lets nobody in. */
  readonly slots: number
}

/** Who holds or wants slots: an execution of a workflow, its continuations included. */
export interface LeaseOwner {
  readonly environment: string
  readonly workflowId: string
  /** Run id of the first execution of its chain. */
  readonly execution: string
}

/** All of the pools, or none. */
export interface LeaseRequest extends LeaseOwner {
  readonly project: string
  readonly run: string
  /** Null for the run itself. */
  readonly step: string | null
  readonly pools: readonly string[]
  /** As Temporal's: from 1, which goes first, to 5. */
  readonly priority: number
  /** True where a wait has been long enough to look for holders that are gone. */
  readonly reclaim: boolean
}

export interface LeaseAnswer {
  readonly granted: boolean
}

/** Short activities of every queue that has workflows. */
export interface LeaseActivities {
  /** Asks for a lease, or whether it was granted by now. The one that was granted later is signalled. */
  acquireLease(request: LeaseRequest): Promise<LeaseAnswer>
  /** Gives it back, or takes the request back; hands what is free to the next. */
  releaseLease(owner: LeaseOwner): Promise<void>
}

/** The signal that tells a waiting workflow that its lease was granted. */
export const leaseGranted = 'leaseGranted'

export const defaultPriority = 3

/** A name that assets may give: one word, so that it is never one of the pools made here. */
export const poolNamePattern = /^[a-z][a-z0-9_]{0,62}$/

/** Names that are not for assets to take. */
export const reservedPools: readonly string[] = ['runs', 'warehouse']

export const everyWarehouse = 'warehouse/*'

export function destinationPool(project: string, destination: string): string {
  return `${project}/destination/${destination}`
}

/** The limit of runs of a project; with a tag, of those that have it. `value` null: of each value of its own. */
export function runsPool(
  project: string | null,
  tag?: { readonly key: string; readonly value: string | null },
): string {
  const runs = project === null ? 'runs' : `${project}/runs`
  return tag === undefined ? runs : `${runs}/${tag.key}=${tag.value ?? '*'}`
}

/** The pools of a run, of which those with a limit count. */
export function poolsOfRun({ project }: Scope, tags: Readonly<Record<string, string>>): string[] {
  return [null, project].flatMap((of) => [
    runsPool(of),
    ...Object.entries(tags).map(([key, value]) => runsPool(of, { key, value })),
  ])
}

/** What writes to the warehouse. A sync only reads there, and then sends for as long as its destination takes. */
const writesToWarehouse: Readonly<Record<AssetKind, boolean>> = {
  source: true,
  model: true,
  notebook: true,
  trait: true,
  user_model: true,
  audience: true,
  sync: false,
}

/** The pools of an asset's step, of which those with a limit count. `warehouse` is that of its warehouse. */
export function poolsOfAsset(
  asset: { readonly key: AssetKey; readonly pools?: readonly string[]; readonly destination?: string },
  project: string,
  warehouse: string,
): string[] {
  return [
    ...(asset.pools ?? []),
    ...(writesToWarehouse[kindOf(asset.key)] ? [warehouse] : []),
    ...(asset.destination === undefined ? [] : [destinationPool(project, asset.destination)]),
  ]
}

/** The name under which the limit of every pool of this shape is set; null if it has none. */
export function poolPattern(pool: string): string | null {
  if (pool.startsWith('warehouse/')) return everyWarehouse
  const tag = /^((?:[^/]+\/)?runs\/[^=]+=)/.exec(pool)
  return tag === null ? null : `${tag[1]}*`
}
