import type { AssetKind, AssetSpec } from '../contract/index.ts'

/** What planning wants to know of a kind. */
interface PlanningKind<Spec> {
  /** Looked at in every run, since nothing but looking tells whether it changed. */
  readonly observed: boolean
  /** The id of the step that it can share with others of the same; null if it goes alone. */
  batch(spec: Spec): string | null
}

const alone = { observed: false, batch: () => null }

const kinds: { readonly [Kind in AssetKind]: PlanningKind<Extract<AssetSpec, { kind: Kind }>> } = {
  source: { observed: true, batch: () => null },
  model: { observed: false, batch: (spec) => `dbt/${spec.dbtProject}` },
  notebook: alone,
  trait: alone,
  user_model: alone,
  audience: alone,
  sync: alone,
}

export function planningKind(spec: AssetSpec): PlanningKind<AssetSpec> {
  return kinds[spec.kind]
}
