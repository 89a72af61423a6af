import type {
  AssetKey,
  AssetLineage,
  AssetSpec,
  ColumnLineage,
  JsonObject,
  Manifest,
  ModelCodes,
  Scope,
} from '../contract/index.ts'
import type { OpenLineageNaming } from './naming.ts'
import { facet, type FacetKind } from './spec.ts'

/** What events of one revision's runs are made with. */
export interface OpenLineageContext {
  readonly scope: Scope
  readonly naming: OpenLineageNaming
  readonly producer: string
  readonly version: string
  /** Whether the text of queries is told. */
  readonly sql: boolean
  readonly manifest: Manifest
  readonly code: ModelCodes
  asset(key: AssetKey): AssetSpec | undefined
  /** Null as long as it was not computed. */
  lineage(key: AssetKey): AssetLineage | null
  /** Columns that hold keys of users or personal data: of them nothing but counts is told. */
  isPersonal(asset: AssetSpec, column: string): boolean
  facet(kind: FacetKind, fields: JsonObject): JsonObject
}

export interface ContextInput {
  readonly scope: Scope
  readonly naming: OpenLineageNaming
  readonly producer: string
  readonly version: string
  readonly manifest: Manifest
  readonly code: ModelCodes
  readonly lineage: ColumnLineage | null
}

export function openLineageContext({ lineage, ...input }: ContextInput): OpenLineageContext {
  const { manifest, producer } = input
  const assets = new Map(manifest.assets.map((asset) => [asset.key, asset]))
  const lineages = new Map(lineage?.assets.map((asset) => [asset.asset, asset]))
  const keys = new Set(manifest.entities.map(({ key }) => key.column))
  return {
    ...input,
    naming: {
      ...input.naming,
      jobNamespace: (input.naming.fixed === true ? null : manifest.openLineage?.namespace) ?? input.naming.jobNamespace,
    },
    sql: manifest.openLineage?.sql ?? true,
    asset: (key) => assets.get(key),
    lineage: (key) => lineages.get(key) ?? null,
    isPersonal: ({ columns }, column) =>
      keys.has(column) || columns.some(({ name, pii }) => name === column && pii === true),
    facet: (kind, fields) => facet(producer, kind, fields),
  }
}
