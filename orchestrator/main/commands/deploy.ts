import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { diffManifests, loadProject } from '../../project/index.ts'
import { migrate } from '../../store/index.ts'
import { connectTemporal } from '../../launch/index.ts'
import { announceRevision, needsTemporal } from '../automation.ts'
import { findConnections } from '../connections.ts'
import {
  compileSettingsProject,
  deployedJson,
  deployProject,
  printDeployed,
  warnOfMissing,
  type Deployed,
} from '../deploy-project.ts'
import { openStore } from '../records.ts'
import type { CommandContext } from './context.ts'

export function deployCommand(program: Command, context: CommandContext): void {
  program
    .command('deploy')
    .description('compile the project, store it as a revision and print the difference to the one before')
    .option('--dry-run', 'store nothing', false)
    .option('--json', 'as JSON: project, environment, revision, created, assets and diff', false)
    .option('--by <name>', 'who deploys: you unless told')
    .action(async (options: { readonly dryRun: boolean; readonly json: boolean; readonly by?: string }) => {
      const settings = context.settings()
      const definitions = await loadProject(settings.projectDir)
      const connections = await findConnections(settings, context.env)
      if (!options.dryRun) await migrate(connections.databaseUrl)
      const store = openStore(connections, 'traitline deploy')
      const print = (deployed: Omit<Deployed, 'before'>): void =>
        options.json ? context.terminal.line(deployedJson(deployed)) : printDeployed(deployed)
      const input = { definitions, settings, warehouseUrl: connections.warehouseUrl }
      try {
        if (!options.dryRun) {
          const deployed = await deployProject({ ...input, store, deployedBy: options.by ?? userName() })
          print(deployed)
          warnOfMissing(deployed.manifest, settings, connections.stack?.variables)
          if (!needsTemporal(deployed)) return
          const temporal = await connectTemporal(connections.temporal)
          return await announceRevision(temporal.client, deployed).finally(() => temporal.close())
        }
        const { manifest, hash } = await compileSettingsProject(input)
        const scope = { environment: settings.environment, project: manifest.project }
        const before = await store.revisions.latest(scope)
        const diff = diffManifests(before?.manifest ?? null, manifest)
        const created = before?.manifestHash !== hash
        print({ scope, revision: (before?.number ?? 0) + (created ? 1 : 0), manifest, diff, created })
        warnOfMissing(manifest, settings, connections.stack?.variables)
      } finally {
        await store.close()
      }
    })
}

/** Null for a user that the system has no name for, as in some containers. */
function userName(): string | null {
  try {
    return userInfo().username
  } catch {
    return null
  }
}
