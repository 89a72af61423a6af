import { TraitlineError, type Manifest, type Scope } from '../../orchestrator/contract/index.ts'
import type { RevisionStore } from '../../orchestrator/store/store.ts'
import type { Manifests } from '../runtime/index.ts'

/** A project of 10,000 assets takes some 20 MB; a worker rarely has more than a few revisions under way. */
const mostManifests = 8

/** Manifests by scope and revision. A revision never changes, so that the last few used stay in memory. */
export function manifestCache(revisions: Pick<RevisionStore, 'get'>): Manifests {
  const known = new Map<string, Promise<Manifest>>()
  return (scope, revision) => {
    const id = `${scope.environment}/${scope.project}/${revision}`
    const manifest = known.get(id) ?? read(revisions, scope, revision)
    // Taken out and put back in: a Map's first key is then the one that was longest unused.
    known.delete(id)
    known.set(id, manifest)
    for (const oldest of known.keys()) {
      if (known.size <= mostManifests) break
      known.delete(oldest)
    }
    manifest.catch(() => known.delete(id))
    return manifest
  }
}

async function read(revisions: Pick<RevisionStore, 'get'>, scope: Scope, revision: number): Promise<Manifest> {
  const found = await revisions.get(scope, revision)
  if (found !== null) return found.manifest
  throw new TraitlineError({
    code: 'REVISION_MISSING',
    message: `Project ${scope.project} has no revision ${revision} in environment ${scope.environment}`,
    hint: 'Deploy it: traitline deploy',
    blame: 'config',
  })
}
