import { createHash } from 'node:crypto'
import type { AssetSpec, ColumnLineage, Manifest, ModelCodes, Scope } from '../../orchestrator/contract/index.ts'
import { buildLineage, lineageQueries, type LineageQueries, type ParsedQuery } from '../../orchestrator/graph/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import { toFailure } from '../runtime/index.ts'

export interface LineageDeps {
  readonly store: { readonly lineage: Store['lineage'] }
  /** Parses what it is asked; see `parseQueries`. */
  readonly parse: (asked: LineageQueries) => Promise<readonly ParsedQuery[]>
  /** Of the warehouse: the same SQL may mean another thing elsewhere. */
  readonly dialect: string
}

/** Rises when the same inputs would give another lineage. */
const algorithm = 1

/** Longer than the parser is given, so that only who died over it is followed by another. */
const claimSeconds = 300

/**
 * Computes the column lineage of a scope's latest revision if it has none. Revisions whose inputs are equal share
 * one, and cost no parser. Answers whether there was something to do.
 */
export async function computeLineage(deps: LineageDeps, scope: Scope): Promise<boolean> {
  const { lineage: kept } = deps.store
  const claimed = await kept.claim(scope, claimSeconds)
  if (claimed === null) return false
  const { revision, manifest, code } = claimed
  try {
    const asked = lineageQueries(manifest, code)
    const hash = hashOf({ algorithm, dialect: deps.dialect, asked, assets: manifest.assets.map(decisive), manifest })
    await kept.save(scope, revision, hash, (await kept.has(hash)) ? null : await build(deps, manifest, code, asked))
  } catch (error) {
    await kept.fail(scope, revision, toFailure(error))
  }
  return true
}

async function build(
  { parse }: LineageDeps,
  manifest: Manifest,
  code: ModelCodes,
  asked: LineageQueries,
): Promise<ColumnLineage> {
  return buildLineage(manifest, code, await parse(asked))
}

/** What of an asset decides its lineage. */
function decisive({ key, deps, relation, columns, ...spec }: AssetSpec): unknown {
  const names = columns.map(({ name }) => name)
  const { description, owners, group, tags, definedAt, codeVersion, ...rest } = spec
  void [description, owners, group, tags, definedAt, codeVersion]
  return { key, deps, relation, names, rest }
}

function hashOf(inputs: {
  readonly algorithm: number
  readonly dialect: string
  readonly asked: LineageQueries
  readonly assets: readonly unknown[]
  readonly manifest: Manifest
}): string {
  const { manifest, ...rest } = inputs
  return createHash('sha256')
    .update(JSON.stringify({ ...rest, entities: manifest.entities }))
    .digest('hex')
}
