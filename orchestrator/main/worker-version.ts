import type { WorkerOptions } from '@temporalio/worker'
import { deploymentName, type Scope } from '../contract/index.ts'

/**
 * With a build id, a run ends on the workers of the build that it began on, and new ones begin on the build that was
 * promoted. Without, as in development, whatever worker there is takes everything.
 */
export function versionOf(scope: Scope, buildId: string | null): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (buildId === null) return {}
  return {
    workerDeploymentOptions: {
      version: { deploymentName: deploymentName(scope), buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    },
  }
}
