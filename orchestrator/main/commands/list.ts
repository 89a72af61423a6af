import type { Command } from 'commander'
import { buildGraph, select } from '../../graph/index.ts'
import { findConnections } from '../connections.ts'
import { line } from '../output.ts'
import { latestRevision, openStore } from '../records.ts'
import type { CommandContext } from './context.ts'

export function listCommand(program: Command, context: CommandContext): void {
  program
    .command('list')
    .description('list assets with their status')
    .argument('[selection...]', 'all of them unless told')
    .option('--name <project>', 'the project, if the environment has several')
    .action(async (selection: string[], options: { readonly name?: string }) => {
      const settings = context.settings()
      const store = openStore(await findConnections(settings, context.env), 'traitline list')
      try {
        const { scope, manifest } = await latestRevision(store, settings.environment, options.name ?? null)
        const statuses = new Map((await store.assets.statuses(scope)).map((status) => [status.asset, status]))
        for (const key of select(buildGraph(manifest.assets), selection.join(', ') || '*')) {
          const status = statuses.get(key)
          line(`${key.padEnd(32)} ${(status?.status ?? 'never').padEnd(16)} ${status?.materializedAt ?? ''}`.trimEnd())
        }
      } finally {
        await store.close()
      }
    })
}
