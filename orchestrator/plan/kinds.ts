import { isExternal } from '../contract/index.ts'
import type { AssetKind, AssetSpec } from '../contract/index.ts'

/** What planning wants to know of a kind. */
interface PlanningKind<Spec> {
  /** Looked at in every run, since nothing but looking tells whether it changed. */
  readonly observed: boolean
  /** Others materialise it and report it: no run does anything to it. */
  external(spec: Spec): boolean
  /**
   * May be done at once where it took little time lately. Not what starts a process, nor what has to know which of
   * Temporal's attempts it is.
   */
  readonly maybeQuick: boolean
  /** The id of the step that it can share with others of the same; null if it goes alone. */
  batch(spec: Spec): string | null
  /** How many partitions one step makes at most: what starts a process makes one. */
  readonly partitionsAtOnce: number
}

const alone = { observed: false, external: () => false, maybeQuick: false, batch: () => null, partitionsAtOnce: 1 }
const query = { ...alone, maybeQuick: true, partitionsAtOnce: Infinity }

const kinds: { readonly [Kind in AssetKind]: PlanningKind<Extract<AssetSpec, { kind: Kind }>> } = {
  source: { ...alone, observed: true, external: isExternal, partitionsAtOnce: Infinity },
  model: { ...alone, batch: (spec) => (spec.partitions === undefined ? `dbt/${spec.dbtProject}` : null) },
  notebook: alone,
  trait: query,
  user_model: query,
  audience: query,
  sync: alone,
}

export function planningKind(spec: AssetSpec): PlanningKind<AssetSpec> {
  return kinds[spec.kind]
}
