import { join } from 'node:path'
import { TraitlineError } from '../../contract/index.ts'
import { canListen, freePort } from '../../process/index.ts'
import type { Settings } from '../settings.ts'
import { startPostgres, type EmbeddedPostgres } from './postgres.ts'
import { startTemporal, type TemporalDevServer } from './temporal.ts'

/** The parts that a project runs on: embedded ones, or the ones that the environment names. */
export interface Stack {
  readonly databaseUrl: string
  /** Null where the standard TEMPORAL_* variables name the server. */
  readonly temporal: TemporalDevServer | null
  readonly warehouseUrl: string
  /** A database of its own in the embedded server, for a destination; null where that server is not in use. */
  readonly applicationDatabase: ((name: string) => Promise<string>) | null
  stop(): Promise<void>
}

/** Starts what the settings do not name. What was started is stopped again if another part fails. */
export async function startStack(settings: Settings, say: (line: string) => void): Promise<Stack> {
  const folder = (name: string): string => join(settings.home, name)
  // All of them before anything is started that would have to be stopped again.
  const postgresPort = await choosePort('TRAITLINE_POSTGRES_PORT', settings.postgresPort)
  const port = await choosePort('TRAITLINE_TEMPORAL_PORT', settings.temporalPort)
  const uiPort = await choosePort('TRAITLINE_TEMPORAL_UI_PORT', settings.temporalUiPort)
  const parts = await Promise.allSettled([
    settings.databaseUrl === null ? embeddedPostgres(folder('postgres'), postgresPort) : null,
    settings.externalTemporal
      ? null
      : startTemporal({
          executable: join(settings.pythonEnv, 'bin/temporal'),
          folder: folder('temporal'),
          port,
          uiPort,
        }),
  ])
  const [postgres, temporal] = parts.map((part) => (part.status === 'fulfilled' ? part.value : null)) as [
    EmbeddedPostgres | null,
    TemporalDevServer | null,
  ]
  const stop = async (): Promise<void> => {
    await temporal?.stop()
    await postgres?.stop()
  }
  const failed = parts.find((part) => part.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  if (postgres !== null) say(`PostgreSQL: embedded, data in ${postgres.data}`)
  if (temporal !== null) say(`Temporal: embedded, ${temporal.address}`)
  return {
    databaseUrl: postgres?.url('traitline') ?? (settings.databaseUrl as string),
    temporal,
    warehouseUrl: settings.warehouseUrl ?? `duckdb:${folder('warehouse.duckdb')}`,
    applicationDatabase:
      postgres === null
        ? null
        : async (name) => {
            await postgres.ensureDatabase(name)
            return postgres.url(name)
          },
    stop,
  }
}

async function embeddedPostgres(folder: string, port: number): Promise<EmbeddedPostgres> {
  const postgres = await startPostgres({ folder, port })
  await postgres.ensureDatabase('traitline')
  return postgres
}

/** The port that the variable names, which then has to be free; any free one otherwise. Throws PORT_IN_USE. */
export async function choosePort(variable: string, port: number | null): Promise<number> {
  if (port === null) return freePort()
  if (await canListen(port)) return port
  throw new TraitlineError({
    code: 'PORT_IN_USE',
    message: `port ${port} of ${variable} is in use`,
    hint: `Stop what listens there, set ${variable} to another port, or unset it for a free one.`,
    blame: 'config',
  })
}
