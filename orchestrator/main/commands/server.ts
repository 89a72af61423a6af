import { join } from 'node:path'
import type { Command } from 'commander'
import { createWarehouse } from '../../../activities/warehouse/create-warehouse.ts'
import { packageRoot } from '../../process/index.ts'
import { createSchedules, startDelivery, wakeQuietly } from '../../launch/index.ts'
import { findConnections } from '../connections.ts'
import { executedNotebooks } from '../executed-notebook.ts'
import { line } from '../output.ts'
import { openRecords } from '../records.ts'
import { serveApp } from '../server.ts'
import { defaultConcurrency } from '../session.ts'
import { choosePort } from '../stack/stack.ts'
import type { CommandContext } from './context.ts'

export function serverCommand(program: Command, context: CommandContext): void {
  program
    .command('server')
    .description('serve the API and the page')
    .action(async () => {
      const settings = context.settings()
      const connections = await findConnections(settings, context.env)
      const { store, launcher, backfills, temporal, close } = await openRecords(connections, 'traitline server')
      await launcher.reconcileRuns()
      const { id } = createWarehouse({ url: connections.warehouseUrl, home: settings.home })
      const served = await serveApp({
        store,
        launcher,
        backfills,
        schedules: createSchedules(temporal.client),
        wake: (scope) => wakeQuietly(temporal.client, scope),
        webhooks: {
          secret: settings.secret,
          deliver: (scope, delivery) => startDelivery(temporal.client, scope, delivery),
        },
        pingTemporal: async () => {
          await temporal.connection.workflowService.getSystemInfo({})
        },
        runs: { warehouse: id, concurrency: defaultConcurrency },
        notebooks: executedNotebooks(settings.home),
        uiDir: join(packageRoot(), 'dist/ui'),
        host: settings.host,
        port: settings.port === null ? 0 : await choosePort('TRAITLINE_PORT', settings.port),
        apiToken: settings.apiToken ?? undefined,
        onError: (error) => line(`server: ${error instanceof Error ? error.message : String(error)}`),
      })
      line(`Traitline ${served.url}`)
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
      })
      await served.close()
      await close()
    })
}
