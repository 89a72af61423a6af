import type { AssetSpec, Manifest, Scope } from '../contract/index.ts'
import { buildGraph, type Graph } from '../graph/index.ts'
import type { Store } from '../store/store.ts'
import { RequestProblem } from './problem.ts'

/** A deployed revision with its graph, ready to be asked. */
export interface Project {
  readonly scope: Scope
  readonly revision: number
  readonly manifest: Manifest
  readonly graph: Graph<AssetSpec>
}

export interface ProjectReader {
  /** The scope that a request means. */
  scope(asked: { readonly project?: string | undefined; readonly environment?: string | undefined }): Promise<Scope>
  /** The latest revision of a scope. A manifest never changes, so it is read and built once. */
  latest(scope: Scope): Promise<Project>
}

/** Manifests of 10,000 assets are large: only a few are kept. */
const keptProjects = 4

export function createProjectReader(store: Store, fallback: Scope | undefined): ProjectReader {
  const kept = new Map<string, Project>()

  return {
    async scope(asked) {
      const { project = fallback?.project, environment = fallback?.environment } = asked
      if (project !== undefined && environment !== undefined) return { project, environment }
      const fitting = (await store.revisions.scopes()).filter(
        (scope) =>
          (project === undefined || scope.project === project) &&
          (environment === undefined || scope.environment === environment),
      )
      const [only, ...others] = fitting
      if (only === undefined) throw notDeployed(project)
      if (others.length > 0) throw ambiguous(fitting)
      return only
    },

    async latest(scope) {
      const [row] = await store.revisions.list(scope, { limit: 1 })
      if (row === undefined) throw notDeployed(scope.project)
      const name = JSON.stringify([scope.environment, scope.project, row.number])
      const found = kept.get(name)
      if (found !== undefined) return found
      const stored = await store.revisions.get(scope, row.number)
      if (stored === null) throw notDeployed(scope.project)
      const { manifest } = stored
      const project: Project = {
        scope,
        revision: row.number,
        manifest,
        graph: buildGraph(manifest.assets),
      }
      kept.set(name, project)
      for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - keptProjects))) kept.delete(oldest)
      return project
    },
  }
}

function notDeployed(project: string | undefined): RequestProblem {
  return new RequestProblem(
    404,
    'PROJECT_NOT_FOUND',
    project === undefined ? 'No project has been deployed yet.' : `Project ${project} has not been deployed here.`,
    'Run `traitline deploy` in the project’s folder.',
  )
}

function ambiguous(scopes: readonly Scope[]): RequestProblem {
  const names = scopes.map((scope) => `${scope.environment}/${scope.project}`).join(', ')
  return new RequestProblem(
    400,
    'PROJECT_AMBIGUOUS',
    `Several projects are deployed here: ${names}.`,
    'Name one with ?project= and, if need be, ?environment=.',
  )
}
