import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { packageRoot } from '../process/index.ts'
import { cancelCommand } from './commands/cancel.ts'
import { commandContext } from './commands/context.ts'
import { demoCommand } from './commands/demo.ts'
import { deployCommand } from './commands/deploy.ts'
import { devCommand } from './commands/dev.ts'
import { generateCommand } from './commands/generate.ts'
import { initCommand } from './commands/init.ts'
import { lineageCommand } from './commands/lineage.ts'
import { listCommand } from './commands/list.ts'
import { materializeCommand } from './commands/materialize.ts'
import { planCommand } from './commands/plan.ts'
import { poolsCommand } from './commands/pools.ts'
import { rerunCommand } from './commands/rerun.ts'
import { runsCommand } from './commands/runs.ts'
import { serverCommand } from './commands/server.ts'
import { workerCommand } from './commands/worker.ts'

const commands = [
  initCommand,
  devCommand,
  demoCommand,
  deployCommand,
  planCommand,
  materializeCommand,
  listCommand,
  lineageCommand,
  runsCommand,
  rerunCommand,
  cancelCommand,
  poolsCommand,
  generateCommand,
  workerCommand,
  serverCommand,
]

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
  for (const add of commands) add(program, context)
  return program
}
