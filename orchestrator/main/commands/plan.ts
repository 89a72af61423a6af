import type { Command } from 'commander'
import type { PlanPreview } from '../../contract/index.ts'
import { buildGraph } from '../../graph/index.ts'
import { diffManifests, loadProject } from '../../project/index.ts'
import { readPlan } from '../../server/index.ts'
import type { Store } from '../../store/index.ts'
import { findConnections, type Connections } from '../connections.ts'
import { compileSettingsProject } from '../deploy-project.ts'
import { printPlan } from '../print-plan.ts'
import { latestRevision, openStore } from '../records.ts'
import { defaultConcurrency } from '../session.ts'
import type { CommandContext } from './context.ts'

interface Options {
  readonly force: boolean
  readonly partitions?: string
  readonly local: boolean
  readonly full: boolean
  readonly json: boolean
  readonly name?: string
}

export function planCommand(program: Command, context: CommandContext): void {
  program
    .command('plan')
    .description('tell what would run, why, on which versions and for how long; nothing runs')
    .argument('[selection...]', 'everything unless told')
    .option(
      '--partitions <which>',
      'of assets that have partitions: a key, a range a..b, a list, latest, missing, failed or all; latest unless told',
    )
    .option('--force', 'as if what is fresh were to run too', false)
    .option(
      '--local',
      'plan the project as it is in its folder, without deploying it: what would it make stale?',
      false,
    )
    .option('--full', 'every version that would be read, every reason, and what is fresh', false)
    .option('--json', 'as JSON, the same as POST /api/v1/plan answers', false)
    .option('--name <project>', 'the project, if the environment has several')
    .action(async (selection: string[], options: Options) => {
      const settings = context.settings()
      const connections = await findConnections(settings, context.env)
      const store = openStore(connections, 'traitline plan')
      try {
        const asked = {
          selection: selection.join(', ') || '*',
          partitions: options.partitions ?? null,
          force: options.force,
        }
        const plan = options.local
          ? await planLocal(store, connections, context, asked)
          : await planDeployed(store, settings.environment, options.name ?? null, asked)
        if (options.json) context.terminal.line(JSON.stringify(plan, null, 2))
        else printPlan(context.terminal, plan, options)
      } finally {
        await store.close()
      }
    })
}

interface Asked {
  readonly selection: string
  readonly partitions: string | null
  readonly force: boolean
}

async function planDeployed(
  store: Store,
  environment: string,
  project: string | null,
  asked: Asked,
): Promise<PlanPreview> {
  const { scope, revision, manifest } = await latestRevision(store, environment, project)
  const { assets, asOf } = manifest
  const graph = buildGraph(assets)
  return readPlan(store, { scope, revision, assets, asOf, graph, concurrency: defaultConcurrency, ...asked })
}

async function planLocal(
  store: Store,
  connections: Connections,
  context: CommandContext,
  asked: Asked,
): Promise<PlanPreview> {
  const settings = context.settings()
  const definitions = await loadProject(settings.projectDir)
  const { warehouseUrl } = connections
  const { manifest } = await compileSettingsProject({ definitions, settings, warehouseUrl })
  const scope = { environment: settings.environment, project: manifest.project }
  const deployed = await store.revisions.latest(scope)
  const { assets, asOf } = manifest
  return readPlan(store, {
    scope,
    revision: null,
    assets,
    asOf,
    graph: buildGraph(assets),
    concurrency: defaultConcurrency,
    changes: diffManifests(deployed?.manifest ?? null, manifest),
    ...asked,
  })
}
