import { resolve } from 'node:path'
import type { Command } from 'commander'
import { TraitlineError } from '../../contract/index.ts'
import { findConnections } from '../connections.ts'
import { reportError } from '../output.ts'
import { latestRevision, openStore } from '../records.ts'
import type { Settings } from '../settings.ts'
import { runWorker } from '../worker.ts'
import type { CommandContext } from './context.ts'

/** A worker whose starter has gone leaves too, at the latest after this. */
const orphanGraceMs = 5_000

export function workerCommand(program: Command, context: CommandContext): void {
  program
    .command('worker')
    .description('work for a project: workflows, and activities on the warehouse')
    .option('--name <project>', 'the project, if the environment has several')
    .option(
      '--location <project=folder>',
      'a project and its folder instead of --project and --name; several may be given',
      (text: string, before: readonly string[] | undefined) => [...(before ?? []), text],
    )
    .action(async (options: { readonly name?: string; readonly location?: readonly string[] }) => {
      const settings = context.settings()
      const connections = await findConnections(settings, context.env)
      const stopped = new AbortController()
      stopOnSignal(stopped)
      stopWithParent(stopped)
      const variables = connections.stack?.variables ?? {}
      const folders = await locationsOf(connections.databaseUrl, settings, options)
      await runWorker({
        scopes: [...folders.keys()].map((project) => ({ environment: settings.environment, project })),
        databaseUrl: connections.databaseUrl,
        temporal: connections.temporal,
        warehouseUrl: connections.warehouseUrl,
        home: settings.home,
        projectDir: ({ project }) => folders.get(project) ?? settings.projectDir,
        pythonEnv: settings.pythonEnv,
        dbtExecutable: settings.dbtExecutable,
        env: context.env,
        secret: (name) => settings.secret(name) ?? variables[name],
        buildId: settings.buildId,
        openLineage: settings.openLineage,
        publicUrl: settings.publicUrl,
        verbose: context.verbose(),
        onProblem: (problem) => void reportError(problem, context.verbose()),
        onReady: () => process.send?.('ready'),
        signal: stopped.signal,
      })
    })
}

/** Folder by project. */
async function locationsOf(
  databaseUrl: string,
  { environment, projectDir }: Settings,
  options: { readonly name?: string; readonly location?: readonly string[] },
): Promise<ReadonlyMap<string, string>> {
  if (options.location !== undefined) return new Map(options.location.map(readLocation))
  const store = openStore({ databaseUrl }, 'traitline worker')
  try {
    const { scope } = await latestRevision(store, environment, options.name ?? null)
    return new Map([[scope.project, projectDir]])
  } finally {
    await store.close()
  }
}

function readLocation(text: string): [project: string, folder: string] {
  const at = text.indexOf('=')
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), resolve(text.slice(at + 1))]
  throw new TraitlineError({
    code: 'OPTION_INVALID',
    message: `--location ${text} is not a project and its folder`,
    hint: 'For example --location shop=./shop',
    blame: 'user',
  })
}

function stopOnSignal(stopped: AbortController): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort())
}

/** The channel to whoever forked this process closes when it dies, by SIGKILL too. */
function stopWithParent(stopped: AbortController): void {
  if (process.send === undefined) return
  // Listening alone would keep a worker alive that has ended.
  process.channel?.unref()
  process.once('disconnect', () => {
    stopped.abort()
    setTimeout(() => process.exit(1), orphanGraceMs).unref()
  })
}
