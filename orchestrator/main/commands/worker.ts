import type { Command } from 'commander'
import { findConnections } from '../connections.ts'
import { latestRevision, openStore } from '../records.ts'
import { runWorker } from '../worker.ts'
import type { CommandContext } from './context.ts'

/** A worker whose starter has gone leaves too, at the latest after this. */
const orphanGraceMs = 5_000

export function workerCommand(program: Command, context: CommandContext): void {
  program
    .command('worker')
    .description('work for a project: workflows, and activities on the warehouse')
    .option('--name <project>', 'the project, if the environment has several')
    .action(async (options: { readonly name?: string }) => {
      const settings = context.settings()
      const connections = await findConnections(settings, context.env)
      const stopped = new AbortController()
      stopOnSignal(stopped)
      stopWithParent(stopped)
      const variables = connections.stack?.variables ?? {}
      await runWorker({
        scopes: [(await scopeOf(connections.databaseUrl, settings.environment, options.name ?? null)).scope],
        databaseUrl: connections.databaseUrl,
        temporal: connections.temporal,
        warehouseUrl: connections.warehouseUrl,
        home: settings.home,
        projectDir: () => settings.projectDir,
        pythonEnv: settings.pythonEnv,
        dbtExecutable: settings.dbtExecutable,
        env: context.env,
        secret: (name) => settings.secret(name) ?? variables[name],
        verbose: context.verbose(),
        onReady: () => process.send?.('ready'),
        signal: stopped.signal,
      })
    })
}

async function scopeOf(databaseUrl: string, environment: string, project: string | null) {
  const store = openStore({ databaseUrl }, 'traitline worker')
  try {
    return await latestRevision(store, environment, project)
  } finally {
    await store.close()
  }
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
