import type { Command } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** What is asked of the record; it may be out of reach, and then there is nothing to offer. */
interface Names {
  readonly assets: () => Promise<readonly string[]>
  readonly runs: () => Promise<readonly string[]>
}

/** Arguments whose values are in the record, by the names that commands give them. */
const sources: Readonly<Record<string, keyof Names>> = {
  key: 'assets',
  selection: 'assets',
  what: 'assets',
  step: 'assets',
  run: 'runs',
}

/** What may stand where the last word does. */
export async function completions(program: Command, words: readonly string[], names: Names): Promise<string[]> {
  const last = words.at(-1) ?? ''
  let command = program
  let given = 0
  for (const word of words.slice(0, -1)) {
    if (word.startsWith('-')) continue
    const inner = command.commands.find((each) => each.name() === word)
    if (inner === undefined) given++
    else {
      command = inner
      given = 0
    }
  }
  return (await candidates(command, given, last, names)).filter((word) => word.startsWith(last)).sort()
}

async function candidates(command: Command, given: number, last: string, names: Names): Promise<readonly string[]> {
  if (last.startsWith('-')) {
    return [...command.options, ...(command.parent?.options ?? [])].flatMap(({ long }) => (long == null ? [] : [long]))
  }
  const inner = command
    .createHelp()
    .visibleCommands(command)
    .map((each) => each.name())
  const { registeredArguments } = command
  const argument =
    registeredArguments[given] ??
    (registeredArguments.at(-1)?.variadic === true ? registeredArguments.at(-1) : undefined)
  if (argument === undefined) return inner
  if (argument.argChoices !== undefined) return argument.argChoices
  const source = sources[argument.name()]
  if (source === undefined) return inner
  // A shell that waits for a word is told nothing of what went wrong.
  return [...inner, ...(await names[source]().catch(() => []))]
}

export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `_traitline() {
  local IFS=$'\\n' words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=($(traitline complete -- "\${words[@]}" 2>/dev/null))
}
complete -o default -F _traitline traitline`,
  zsh: `#compdef traitline
_traitline() {
  local -a found
  found=("\${(@f)$(traitline complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found
}
_traitline "$@"`,
  fish: `complete -c traitline -f -a '(traitline complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'`,
}
