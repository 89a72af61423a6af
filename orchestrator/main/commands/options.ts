import { InvalidArgumentError, type Command } from 'commander'

export interface CommonOptions {
  readonly name?: string
  readonly json: boolean
}

/** Of every command that reads: which project, and whether people or programs read the answer. */
export function readsProject(command: Command): Command {
  return command
    .option('--json', 'as JSON, as the API answers', false)
    .option('--name <project>', 'the project, if the environment has several')
}

export function positive(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  throw new InvalidArgumentError('It has to be a whole number above 0.')
}
