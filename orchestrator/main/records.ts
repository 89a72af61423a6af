import type { Manifest, Scope } from '../contract/index.ts'
import {
  connectTemporal,
  createBackfills,
  createLauncher,
  type Backfills,
  type Launcher,
  type TemporalConnection,
} from '../launch/index.ts'
import { createStore, type Store } from '../store/index.ts'
import { TraitlineError } from '../contract/index.ts'
import type { Connections } from './connections.ts'

/** The record and Temporal, as most commands need them. */
export interface Records {
  readonly store: Store
  readonly temporal: TemporalConnection
  readonly launcher: Launcher
  readonly backfills: Backfills
  close(): Promise<void>
}

/** Not migrated here: that is `deploy`'s and the embedded stack's to do, and the store refuses another version. */
export function openStore(connections: Pick<Connections, 'databaseUrl'>, applicationName: string): Store {
  return createStore({ url: connections.databaseUrl, applicationName })
}

export async function openRecords(connections: Connections, applicationName: string): Promise<Records> {
  const store = openStore(connections, applicationName)
  try {
    // Of two that are out of reach, the record is named: without it there is nothing to tell of the other.
    await store.ping()
    const temporal = await connectTemporal(connections.temporal)
    return {
      store,
      temporal,
      launcher: createLauncher({ client: temporal.client, store }),
      backfills: createBackfills({ client: temporal.client, store }),
      close: async () => {
        await temporal.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

export interface Revision {
  readonly scope: Scope
  readonly revision: number
  readonly manifest: Manifest
}

/** The latest revision of a project; of the only one there is if none is named. */
export async function latestRevision(store: Store, environment: string, project: string | null): Promise<Revision> {
  const scopes = (await store.revisions.scopes()).filter((scope) => scope.environment === environment)
  const chosen = scopes.filter((scope) => project === null || scope.project === project)
  const [scope, ...others] = chosen
  if (scope === undefined || others.length > 0) {
    const names = scopes.map((each) => each.project).join(', ')
    throw new TraitlineError({
      code: 'PROJECT_UNKNOWN',
      message:
        others.length > 0
          ? `environment ${environment} has several projects: ${names}`
          : `environment ${environment} has no project${project === null ? '' : ` ${project}`}${names === '' ? '' : `, only ${names}`}`,
      hint: others.length > 0 ? 'Name one with --name.' : 'Deploy it: traitline deploy',
      blame: 'user',
    })
  }
  const latest = await store.revisions.latest(scope)
  if (latest === null) throw new Error(`revision of ${scope.project} vanished`)
  return { scope, revision: latest.number, manifest: latest.manifest }
}
