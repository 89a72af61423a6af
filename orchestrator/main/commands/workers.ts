import type { Command } from 'commander'
import { createDeployments } from '../../launch/index.ts'
import { findConnections } from '../connections.ts'
import { latestRevision, openRecords } from '../records.ts'
import type { Scope } from '../../contract/index.ts'
import type { Deployments } from '../../launch/index.ts'
import type { CommandContext } from './context.ts'

interface Options {
  readonly name?: string
  readonly json?: boolean
}

export function workersCommand(program: Command, context: CommandContext): void {
  const workers = program.command('workers').description('builds of workers: which takes new runs, which ends old ones')
  const name = ['--name <project>', 'the project, if the environment has several'] as const

  workers
    .command('list', { isDefault: true })
    .description('builds that workers have, and what each still has to do')
    .option(...name)
    .option('--json', 'as JSON', false)
    .action((options: Options) =>
      withDeployments(context, options, async (deployments, scope) => {
        const items = await deployments.list(scope)
        if (options.json === true) return context.terminal.line(JSON.stringify({ items }, null, 2))
        if (items.length === 0) context.terminal.line('workers are not versioned: none has a TRAITLINE_BUILD_ID')
        for (const { buildId, status } of items) context.terminal.line(`${status.padEnd(9)} ${buildId}`)
      }),
    )

  workers
    .command('promote')
    .description('let new runs begin on a build; those under way end on theirs')
    .argument('<build>', 'TRAITLINE_BUILD_ID of workers that run')
    .option(...name)
    .action((build: string, options: Options) =>
      withDeployments(context, options, (deployments, scope) => deployments.promote(scope, build)),
    )
}

async function withDeployments(
  context: CommandContext,
  { name }: Options,
  work: (deployments: Deployments, scope: Scope) => Promise<void>,
): Promise<void> {
  const settings = context.settings()
  const { store, temporal, close } = await openRecords(
    await findConnections(settings, context.env),
    'traitline workers',
  )
  try {
    const { scope } = await latestRevision(store, settings.environment, name ?? null)
    await work(createDeployments(temporal.client), scope)
  } finally {
    await close()
  }
}
