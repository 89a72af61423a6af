import type { Client } from '@temporalio/client'
import { deploymentName, TraitlineError, type Scope } from '../contract/index.ts'
import { temporalError } from './errors.ts'

/** One build of a project's workers. */
export interface WorkerVersion {
  readonly buildId: string
  /** `current` takes new runs, `draining` ends those that it began, `drained` has none left. */
  readonly status: 'current' | 'draining' | 'drained' | 'inactive'
}

/** Versions of a project's workers, as Temporal's worker deployments know them. */
export interface Deployments {
  /** Newest first; none where workers are not versioned. */
  list(scope: Scope): Promise<WorkerVersion[]>
  /** Lets new runs begin on a build; those under way end on theirs. Throws BUILD_UNKNOWN where no worker has it. */
  promote(scope: Scope, buildId: string): Promise<void>
}

const callTimeoutMs = 10_000
/** Of gRPC. */
const notFound = 5
const failedPrecondition = 9

/**
 * See https://docs.temporal.io/worker-versioning.
 *
 * @example
 * await createDeployments(client).promote({ environment: 'prod', project: 'shop' }, '2026-11-24.1')
 */
export function createDeployments(client: Client): Deployments {
  const { namespace } = client.options
  const call = <T>(work: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + callTimeoutMs, work)
  const refused = (error: unknown): TraitlineError => temporalError(error, { address: 'its address', namespace })

  return {
    async list(scope) {
      try {
        const { workerDeploymentInfo: info } = await call(() =>
          client.workflowService.describeWorkerDeployment({ namespace, deploymentName: deploymentName(scope) }),
        )
        const current = info?.routingConfig?.currentDeploymentVersion?.buildId
        return (info?.versionSummaries ?? []).flatMap(({ deploymentVersion, drainageStatus }): WorkerVersion[] => {
          const buildId = deploymentVersion?.buildId
          if (buildId == null) return []
          return [{ buildId, status: buildId === current ? 'current' : (drainage[drainageStatus ?? 0] ?? 'inactive') }]
        })
      } catch (error) {
        if (codeOf(error) === notFound) return []
        throw refused(error)
      }
    },

    async promote(scope, buildId) {
      try {
        await call(() =>
          client.workflowService.setWorkerDeploymentCurrentVersion({
            namespace,
            deploymentName: deploymentName(scope),
            buildId,
            identity: 'traitline',
          }),
        )
      } catch (error) {
        const code = codeOf(error)
        if (code !== notFound && code !== failedPrecondition) throw refused(error)
        throw new TraitlineError({
          code: 'BUILD_UNKNOWN',
          message: `no worker of ${scope.project} (${scope.environment}) takes work with the build ${buildId} on every queue`,
          hint: `Start it first: TRAITLINE_BUILD_ID=${buildId} traitline worker`,
          blame: 'user',
        })
      }
    },
  }
}

/** Temporal's VersionDrainageStatus. */
const drainage: readonly WorkerVersion['status'][] = ['inactive', 'draining', 'drained']

function codeOf(error: unknown): number | undefined {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
  if (typeof code === 'number') return code
  return cause === undefined ? undefined : codeOf(cause)
}
