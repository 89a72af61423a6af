import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { usualRetention, type MaintenanceActivities } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import { asActivities } from '../runtime/index.ts'

export interface MaintenanceDeps {
  readonly store: Pick<Store, 'maintenance' | 'revisions' | 'runs'>
  readonly home: string
  readonly clock: () => Date
}

const dayMs = 86_400_000

/** Removes what is older than the retention of the latest revision. A second round finds nothing. */
export function createMaintenanceActivities({ store, home, clock }: MaintenanceDeps): MaintenanceActivities {
  return asActivities<MaintenanceActivities>({
    async maintain({ environment, project }) {
      const scope = { environment, project }
      const latest = await store.revisions.latest(scope)
      const retention = { ...usualRetention, ...latest?.manifest.retention }
      const pruned = await store.maintenance.prune(scope, retention)
      const before = clock().getTime() - retention.logsDays * dayMs
      return { ...pruned, notebooks: await removeRuns(join(home, 'runs'), before, isOf) }

      /** Projects share a home: each removes the files of its own runs. */
      async function isOf(run: string): Promise<boolean> {
        const row = await store.runs.get(run)
        return row !== null && row.environment === environment && row.project === project && row.endedAt !== null
      }
    },
  })
}

async function removeRuns(folder: string, before: number, isOf: (run: string) => Promise<boolean>): Promise<number> {
  let removed = 0
  for (const run of await readdir(folder).catch(() => [])) {
    const path = join(folder, run)
    const changed = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    )
    if (changed >= before || !(await isOf(run))) continue
    await rm(path, { recursive: true, force: true })
    removed++
  }
  return removed
}
