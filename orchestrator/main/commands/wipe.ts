import type { Command } from 'commander'
import { isAutomated, TraitlineError, type AssetKey } from '../../contract/index.ts'
import { buildGraph, select } from '../../graph/index.ts'
import { findConnections } from '../connections.ts'
import { latestRevision, openStore } from '../records.ts'
import { wakeProject } from '../wake-project.ts'
import type { CommandContext } from './context.ts'
import { readsProject, type CommonOptions } from './options.ts'

interface Options extends CommonOptions {
  readonly yes: boolean
}

export function wipeCommand(program: Command, context: CommandContext): void {
  readsProject(
    program
      .command('wipe')
      .description('forget what is materialised, so that it is made anew; history, tables and what was sent stay')
      .argument('<selection...>', "for example 'trait/orders' or 'group:web'")
      .option('--yes', 'do it; without, what would be forgotten is listed', false),
  ).action(async (selection: string[], options: Options) => {
    const { environment } = context.settings()
    const connections = await findConnections(context.settings(), context.env)
    const store = openStore(connections, 'traitline wipe')
    const { terminal } = context
    try {
      const { scope, manifest } = await latestRevision(store, environment, options.name ?? null)
      const keys = select(buildGraph(manifest.assets), selection.join(', '))
      if (!options.yes) throw unconfirmed(keys)
      const wiped = await store.assets.wipe(scope, keys)
      if (wiped.length > 0 && isAutomated(manifest)) await wakeProject(connections, scope)
      if (options.json) return terminal.line(JSON.stringify({ wiped }, null, 2))
      for (const key of wiped) terminal.line(`${key}  wiped`)
      if (wiped.length === 0) terminal.line('nothing of it was materialised')
    } finally {
      await store.close()
    }
  })
}

function unconfirmed(keys: readonly AssetKey[]): TraitlineError {
  const more = keys.length > 5 ? ` and ${keys.length - 5} more` : ''
  return new TraitlineError({
    code: 'WIPE_UNCONFIRMED',
    message: `this forgets what is materialised of ${keys.slice(0, 5).join(', ')}${more}`,
    hint: 'Say --yes to do it. Tables stay until they are made anew.',
    blame: 'user',
  })
}
