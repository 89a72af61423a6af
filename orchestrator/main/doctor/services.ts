import { stat } from 'node:fs/promises'
import { createWarehouse } from '../../../activities/warehouse/create-warehouse.ts'
import { warehouseQueue, type Scope } from '../../contract/index.ts'
import { createLauncher, connectTemporal, type TemporalConnection } from '../../launch/index.ts'
import { describeDatabase, type Store } from '../../store/index.ts'
import type { Connections } from '../connections.ts'
import type { Settings } from '../settings.ts'
import { probeFairness } from './fairness.ts'
import { fail, ok, warn, type Finding } from './finding.ts'

const oldestPostgres = 14

export async function checkDatabase({ databaseUrl }: Connections): Promise<Finding[]> {
  const { server, schema, expected } = await describeDatabase(databaseUrl)
  const major = Math.floor(server / 10_000)
  const migrate = 'Run `traitline deploy`: it migrates the database first.'
  return [
    major >= oldestPostgres
      ? ok('postgres', `version ${major}.${server % 10_000}`)
      : fail('postgres', `version ${major} is too old`, `Use PostgreSQL ${oldestPostgres} or newer.`),
    schema === expected
      ? ok('migrations', `the record is at version ${schema}`)
      : schema > expected
        ? fail('migrations', `a newer Traitline migrated the record to version ${schema}`, 'Update Traitline here.')
        : fail('migrations', `the record is at version ${schema} of ${expected}`, migrate),
  ]
}

export async function checkTemporal(
  connections: Connections,
  store: Store,
  options: { readonly probe: boolean; readonly warehouse: string; readonly scopes: readonly Scope[] },
): Promise<Finding[]> {
  const temporal = await connectTemporal(connections.temporal)
  try {
    const { serverVersion } = await temporal.connection.workflowService.getSystemInfo({})
    const namespace = await temporal.connection.workflowService
      .describeNamespace({ namespace: temporal.namespace })
      .catch(() => null)
    if (namespace === null) {
      const fix = `Make it: temporal operator namespace create ${temporal.namespace}`
      return [fail('temporal', `there is no namespace ${temporal.namespace}`, fix)]
    }
    return [
      ok('temporal', `server ${serverVersion}, namespace ${temporal.namespace}`),
      await fairness(temporal, connections, options.probe),
      ...(await Promise.all(options.scopes.map((scope) => worker(temporal, store, options.warehouse, scope)))),
    ]
  } finally {
    await temporal.close()
  }
}

const fairnessFix =
  'Set matching.useNewMatcher and matching.enableFairness to true in the server’s dynamic configuration.'

/** A server does not tell what it is configured to do: it has to be tried. */
async function fairness(temporal: TemporalConnection, { stack }: Connections, probe: boolean): Promise<Finding> {
  if (!probe) {
    return stack !== null && stack.temporalAddress !== null
      ? ok('fairness', 'is on: the stack was started with it')
      : warn('fairness', 'cannot be seen from outside', 'Try it: traitline doctor --probe')
  }
  return (await probeFairness(temporal.client))
    ? ok('fairness', 'is on: tried with workflows that were ended at once')
    : warn('fairness', 'is off: one project can keep the others waiting', fairnessFix)
}

async function worker({ client }: TemporalConnection, store: Store, warehouse: string, scope: Scope): Promise<Finding> {
  const queue = warehouseQueue(warehouse, scope)
  return (await createLauncher({ client, store }).hasWorker(queue))
    ? ok('worker', `one works for ${scope.project}`)
    : warn('worker', `none takes work from ${queue}: runs of ${scope.project} wait`, 'Start one: traitline worker')
}

export async function checkWarehouse({ warehouseUrl, stack }: Connections, settings: Settings): Promise<Finding> {
  if (warehouseUrl.startsWith('duckdb:')) {
    const path = warehouseUrl.replace(/^duckdb:/, '').replace(/\?.*$/, '')
    const size = await stat(path).then(
      (found) => found.size,
      () => null,
    )
    if (size === null) return warn('warehouse', `${path} is not there yet`, 'The first run makes it.')
    const held = stack === null ? '' : ', held by the worker'
    return ok('warehouse', `DuckDB, ${(size / 1_048_576).toFixed(1)} MiB at ${path}${held}`)
  }
  const warehouse = createWarehouse({ url: warehouseUrl, home: settings.home })
  try {
    await warehouse.query({ text: 'select 1', parameters: [] }, { signal: AbortSignal.timeout(10_000) })
    return ok('warehouse', `PostgreSQL at ${new URL(warehouseUrl).host}`)
  } finally {
    await warehouse.close()
  }
}
