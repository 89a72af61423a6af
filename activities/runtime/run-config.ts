import { createHash } from 'node:crypto'
import {
  canonicalJson,
  type AssetKey,
  type JsonObject,
  type Manifest,
  type RunConfig,
} from '../../orchestrator/contract/index.ts'

/** Of a manifest: a run asks for its own again and again, one of last week does not. */
const mostKept = 8

const configured = new WeakMap<Manifest, Map<string, Manifest>>()

/**
 * The manifest as it is for a run with parameters of its own. A notebook that is given others than its definition's has
 * another code version, so that it is made anew, and is stale for a run without.
 */
export function configuredManifest(manifest: Manifest, config: RunConfig | null): Manifest {
  const changed = Object.entries(config ?? {}).filter(([, parameters]) => Object.keys(parameters).length > 0)
  if (changed.length === 0) return manifest
  const id = canonicalJson(Object.fromEntries(changed))
  const known = configured.get(manifest) ?? new Map<string, Manifest>()
  configured.set(manifest, known)
  const made = known.get(id) ?? apply(manifest, new Map(changed as [AssetKey, JsonObject][]))
  known.delete(id)
  known.set(id, made)
  for (const oldest of known.keys()) if (known.size > mostKept) known.delete(oldest)
  return made
}

function apply(manifest: Manifest, config: ReadonlyMap<AssetKey, JsonObject>): Manifest {
  const assets = manifest.assets.map((spec) => {
    const given = config.get(spec.key)
    if (given === undefined || spec.kind !== 'notebook') return spec
    const parameters = { ...spec.parameters, ...given }
    if (canonicalJson(parameters) === canonicalJson(spec.parameters)) return spec
    const hash = createHash('sha256').update(canonicalJson(parameters)).digest('hex').slice(0, 16)
    return { ...spec, parameters, codeVersion: `${spec.codeVersion}+parameters:${hash}` }
  })
  return { ...manifest, assets }
}
