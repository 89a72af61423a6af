import { join } from 'node:path'
import { TraitlineError } from '../contract/index.ts'
import type { TemporalOptions } from '../launch/index.ts'
import { runningStack, type StackFile } from './stack/home.ts'
import type { Settings } from './settings.ts'

/** Where everything is for a command that starts nothing itself: what the environment names, else the running stack. */
export interface Connections {
  readonly databaseUrl: string
  readonly temporal: TemporalOptions
  readonly warehouseUrl: string
  readonly stack: StackFile | null
}

export async function findConnections(settings: Settings, env: NodeJS.ProcessEnv): Promise<Connections> {
  const stack = await runningStack(settings.home)
  const databaseUrl = settings.databaseUrl ?? stack?.databaseUrl
  const address = stack?.temporalAddress ?? null
  if (databaseUrl === undefined || (!settings.externalTemporal && address === null))
    throw stackNotRunning(settings.home)
  return {
    databaseUrl,
    temporal: settings.externalTemporal || address === null ? { env } : { address },
    warehouseUrl: settings.warehouseUrl ?? stack?.warehouseUrl ?? `duckdb:${join(settings.home, 'warehouse.duckdb')}`,
    stack,
  }
}

function stackNotRunning(home: string): TraitlineError {
  return new TraitlineError({
    code: 'STACK_NOT_RUNNING',
    message: `no stack runs on ${home}, and the environment names no servers`,
    hint: 'Start one with `traitline dev`, or set DATABASE_URL and TEMPORAL_ADDRESS.',
    blame: 'config',
  })
}
