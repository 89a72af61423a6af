import type { Command } from 'commander'
import { createTerminal, type Terminal } from '../terminal/terminal.ts'
import { readSettings, type Settings } from '../settings.ts'

/** What every command gets: the environment, and the options that all of them have. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv
  /** Standard output. */
  readonly terminal: Terminal
  settings(): Settings
  verbose(): boolean
}

export function commandContext(program: Command, env: NodeJS.ProcessEnv): CommandContext {
  const options = (): { readonly project?: readonly string[]; readonly verbose?: boolean } => program.opts()
  return {
    env,
    terminal: createTerminal(process.stdout, env),
    settings: () => readSettings(env, { projectDirs: options().project }),
    verbose: () => options().verbose === true,
  }
}
