import type { Argument, Command, Option } from 'commander'
import { page, table } from './page.ts'

/** docs/reference/cli.md: every command with its arguments and options, as the program declares them. */
export function cliPage(program: Command): Promise<string> {
  return page('reference/cli.md', [
    '# Command line',
    `\`${program.name()} <command>\`: ${program.description()} \`${program.name()} help <command>\` says the same as this page.`,
    'Exit codes: 0 for success, 1 for what failed, 2 for a wrong command line or a wrong definition.',
    'With `--json` a command prints what the HTTP API answers for the same, in the shapes of the [OpenAPI document](openapi.json): `assets list` an `AssetPage` without its cursor, `assets show` an `AssetDetail` with its latest materialisations, checks and sync runs, `runs list` a `RunPage`, `runs show` a `RunDetail`, `runs watch` and `materialize` a `Run`, `sync show` a `SyncRunList`, `plan` a `Plan`, `logs` a line of a `LogPage` a line, `logs --events` an `Event` a line. An error is then JSON too, on standard error: `{ "error": { "code", "message", "hint", "blame" } }`.',
    'Where a person reads, tables have titles, fit the width of the terminal and have colours; NO_COLOR=1 leaves these out. In a pipe or a file, lines are whole and plain.',
    '## Options of every command',
    flags(program.options),
    ...visible(program).flatMap((command) => section(command, program.name(), 2)),
  ])
}

/** Without `help`, which every command has. */
function visible(command: Command): Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help')
}

function section(command: Command, parent: string, level: number): string[] {
  const name = `${parent} ${command.name()}`
  const { registeredArguments: given, options, commands } = command
  const usage = [name, ...given.map(argumentText), ...(options.length > 0 ? ['[options]'] : [])].join(' ')
  return [
    `${'#'.repeat(level)} ${name}`,
    sentence(command.description()),
    ...(commands.length > 0 ? [] : [`\`${usage}\``]),
    ...(given.some(({ description }) => description !== '') ? [table(['argument', ''], given.map(argumentRow))] : []),
    ...(options.length > 0 ? [flags(options)] : []),
    ...visible(command).flatMap((each) => section(each, name, level + 1)),
  ]
}

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

function argumentRow(argument: Argument): string[] {
  return [`\`${argumentText(argument)}\``, argument.description]
}

function flags(options: readonly Option[]): string {
  return table(
    ['option', ''],
    options.map((option) => [`\`${option.flags}\``, `${option.description ?? ''}${fallback(option)}`]),
  )
}

function fallback({ defaultValue }: Option): string {
  const unsaid: unknown[] = [undefined, true, false]
  const isCollection = typeof defaultValue === 'object'
  return isCollection || unsaid.includes(defaultValue) ? '' : `: \`${String(defaultValue)}\` unless told`
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
