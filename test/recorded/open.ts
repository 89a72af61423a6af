import { connectTemporal, createBackfills, createLauncher, createSchedules } from '../../orchestrator/launch/index.ts'
import type { ServerOptions } from '../../orchestrator/server/index.ts'
import { createStore, migrate } from '../../orchestrator/store/index.ts'
import { freshDatabase } from '../harness/postgres.ts'
import { temporalAddress } from '../harness/temporal.ts'

/** What a server is made of, on a database of its own and the suite's Temporal. */
export async function openServerParts(): Promise<{
  readonly options: ServerOptions
  readonly databaseUrl: string
  readonly close: () => Promise<void>
}> {
  const database = await freshDatabase()
  await migrate(database.url)
  const store = createStore({ url: database.url, applicationName: 'recorded project' })
  const temporal = await connectTemporal({ address: temporalAddress() })
  return {
    options: {
      store,
      launcher: createLauncher({ client: temporal.client, store }),
      backfills: createBackfills({ client: temporal.client, store }),
      schedules: createSchedules(temporal.client),
      pingTemporal: async () => void (await temporal.connection.workflowService.getSystemInfo({})),
      runs: { warehouse: 'dev', concurrency: 4 },
    },
    databaseUrl: database.url,
    close: async () => {
      await temporal.close()
      await store.close()
      await database.drop()
    },
  }
}
