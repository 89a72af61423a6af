import { spawn } from 'node:child_process'
import type { Command } from 'commander'
import { TraitlineError } from '../../contract/index.ts'
import { withApi } from '../api.ts'
import { findConnections } from '../connections.ts'
import { resolveAsset, resolveRun } from '../resolve-names.ts'
import type { CommandContext } from './context.ts'

interface Options {
  readonly print: boolean
  readonly json: boolean
  readonly name?: string
}

export function openCommand(program: Command, context: CommandContext): void {
  program
    .command('open')
    .description('open the page of an asset or a run in the browser')
    .argument('[what]', 'an asset’s key, a run’s id or `latest`; the graph unless told')
    .option('--print', 'print the address alone', false)
    .option('--json', 'the address alone, as JSON', false)
    .option('--name <project>', 'the project, if the environment has several')
    .action(async (what: string | undefined, options: Options) => {
      const { stack } = await findConnections(context.settings(), context.env)
      const server = stack?.serverUrl ?? null
      if (server === null) throw noServer()
      const path = what === undefined ? '/' : await withApi(context, options, (api) => pathOf(api, what))
      const url = `${server}${path}`
      context.terminal.line(options.json ? JSON.stringify({ url }) : url)
      if (!options.print && !options.json && context.terminal.interactive) openBrowser(url)
    })
}

async function pathOf(api: Parameters<Parameters<typeof withApi>[2]>[0], what: string): Promise<string> {
  // A run's id looks like no asset's key.
  if (what === 'latest' || /^\d|^run/.test(what)) return `/runs/${encodeURIComponent(await resolveRun(api, what))}`
  return `/assets/${resolveAsset(api, what)}`
}

/** The address is printed all the same: a machine without a browser is nothing to fail for. */
function openBrowser(url: string): void {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const child = spawn(command, [url], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}

function noServer(): TraitlineError {
  return new TraitlineError({
    code: 'SERVER_NOT_RUNNING',
    message: 'no server of this home runs, so there is no page to open',
    hint: 'Start one with `traitline dev` or `traitline server`.',
    blame: 'config',
  })
}
