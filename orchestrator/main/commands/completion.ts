import { Argument, type Command } from 'commander'
import { withApi } from '../api.ts'
import { completions, completionScripts, shells, type Shell } from '../completion.ts'
import type { RunPage } from '../../server/api.ts'
import type { CommandContext } from './context.ts'

export function completionCommand(program: Command, context: CommandContext): void {
  program
    .command('completion')
    .description('print what makes a shell complete commands, assets and runs')
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText(
      'after',
      `
  bash:  traitline completion bash > ~/.local/share/bash-completion/completions/traitline
  zsh:   traitline completion zsh > "\${fpath[1]}/_traitline"
  fish:  traitline completion fish > ~/.config/fish/completions/traitline.fish`,
    )
    .action((shell: Shell) => context.terminal.line(completionScripts[shell]))

  // What the scripts above ask: the words so far, the last one unfinished.
  program
    .command('complete', { hidden: true })
    .allowUnknownOption()
    .helpOption(false)
    .argument('[words...]')
    .action(async (words: string[]) => {
      const found = await completions(program, words, {
        assets: () =>
          withApi(context, {}, (api) => Promise.resolve(api.revision.manifest.assets.map(({ key }) => key))),
        runs: () =>
          withApi(context, {}, async (api) =>
            (await api.get<RunPage>('/runs', { limit: 50 })).items.map(({ run }) => run),
          ),
      })
      for (const word of found) context.terminal.line(word)
    })
}
