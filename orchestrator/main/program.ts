import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { packageRoot } from '../process/index.ts'
import { alertsCommand } from './commands/alerts.ts'
import { assetsCommand, listCommand } from './commands/assets.ts'
import { backfillCommand } from './commands/backfill.ts'
import { cancelCommand } from './commands/cancel.ts'
import { automationCommand } from './commands/automation.ts'
import { checkCommand } from './commands/check.ts'
import { completionCommand } from './commands/completion.ts'
import { connectorCommand } from './commands/connector.ts'
import { commandContext, type CommandContext } from './commands/context.ts'
import { explainCommand } from './commands/explain.ts'
import { wipeCommand } from './commands/wipe.ts'
import { demoCommand } from './commands/demo.ts'
import { deployCommand } from './commands/deploy.ts'
import { devCommand } from './commands/dev.ts'
import { diffCommand } from './commands/diff.ts'
import { doctorCommand } from './commands/doctor.ts'
import { generateCommand } from './commands/generate.ts'
import { initCommand } from './commands/init.ts'
import { lineageCommand } from './commands/lineage.ts'
import { logsCommand } from './commands/logs.ts'
import { materializeCommand } from './commands/materialize.ts'
import { openCommand } from './commands/open.ts'
import { outboxCommand } from './commands/outbox.ts'
import { partitionsCommand } from './commands/partitions.ts'
import { planCommand } from './commands/plan.ts'
import { poolsCommand } from './commands/pools.ts'
import { rerunCommand } from './commands/rerun.ts'
import { reportCommand } from './commands/report.ts'
import { resourcesCommand } from './commands/resources.ts'
import { runsCommand } from './commands/runs.ts'
import { schedulesCommand } from './commands/schedules.ts'
import { sensorCommand } from './commands/sensor.ts'
import { serverCommand } from './commands/server.ts'
import { syncCommand } from './commands/sync.ts'
import { workerCommand } from './commands/worker.ts'
import { workersCommand } from './commands/workers.ts'

/** As `traitline help` shows them. */
const groups: readonly (readonly [title: string, commands: readonly AddCommand[]])[] = [
  ['Start:', [initCommand, devCommand, demoCommand, doctorCommand]],
  [
    'Deploy and run:',
    [
      ...[deployCommand, diffCommand, planCommand, materializeCommand, backfillCommand, reportCommand, checkCommand],
      ...[rerunCommand, cancelCommand, wipeCommand],
    ],
  ],
  [
    'Look:',
    [
      assetsCommand,
      listCommand,
      explainCommand,
      partitionsCommand,
      lineageCommand,
      runsCommand,
      logsCommand,
      syncCommand,
      resourcesCommand,
      alertsCommand,
      outboxCommand,
      openCommand,
    ],
  ],
  ['By itself:', [automationCommand, schedulesCommand, sensorCommand]],
  ['Serve:', [workerCommand, workersCommand, serverCommand, poolsCommand]],
  ['Other:', [connectorCommand, generateCommand, completionCommand]],
]

type AddCommand = (program: Command, context: CommandContext) => void

/** The whole command line; docs/reference/cli.md is made of it. */
export function createProgram(env: NodeJS.ProcessEnv): Command {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }
  const program = new Command('traitline')
    .description('Traits, audiences and syncs as assets, orchestrated by Temporal.')
    .version(version)
    .option(
      '--project <folder>',
      'folder of the project: TRAITLINE_PROJECT, or the current one; `dev` and `worker` take several',
      (folder: string, before: readonly string[] | undefined) => [...(before ?? []), folder],
    )
    .option('--verbose', 'print stack traces and the worker’s own log')
    .showHelpAfterError()
    .exitOverride()
  const context = commandContext(program, env)
  for (const [title, commands] of groups) {
    program.commandsGroup(title)
    for (const add of commands) add(program, context)
  }
  program.addHelpText(
    'after',
    `
Exit codes: 0 done, 1 something failed, 2 a wrong command line or definition.
NO_COLOR=1 leaves colours out; so does a pipe, and then lines have neither titles nor progress.`,
  )
  return program
}
