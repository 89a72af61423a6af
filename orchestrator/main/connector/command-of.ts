import { resolveConnector, type ConnectorCommand } from '../../../connectors/driver/index.ts'
import { TraitlineError, type ConnectorRef } from '../../contract/index.ts'
import { connectorEnvironment } from '../child-environment.ts'
import type { CommandContext } from '../commands/context.ts'

const installed: Readonly<Record<string, (name: string, version: string) => ConnectorRef>> = {
  npm: (name, version) => ({ type: 'npm', package: name, version }),
  pypi: (name, version) => ({ type: 'pypi', package: name, version }),
}

/**
 * A connector as the command line names it: `builtin:slack`, `pypi:NAME==VERSION`, `npm:NAME@VERSION`, or a program with its arguments.
 */
export async function connectorNamed(words: readonly string[], context: CommandContext): Promise<ConnectorCommand> {
  const { home } = context.settings()
  const onProgress = (text: string): void => void process.stderr.write(`${text}\n`)
  return resolveConnector(refOf(words), { home, env: connectorEnvironment(context.env), projectDir: '.', onProgress })
}

function refOf(words: readonly string[]): ConnectorRef {
  const [, kind = '', rest = ''] = /^(builtin|npm|pypi):(.+)$/.exec(words[0] ?? '') ?? []
  if (kind === '') return { type: 'command', command: words }
  if (kind === 'builtin') return { type: 'builtin', name: rest }
  const [, name = '', version = ''] = /^(.+?)(?:==|(?<=.)@)([^@=]+)$/.exec(rest) ?? []
  const make = installed[kind]
  if (make === undefined || version === '') {
    throw new TraitlineError({
      code: 'CONNECTOR_NAME_INVALID',
      message: `${words[0]} names no exact version`,
      hint: 'Write pypi:NAME==VERSION or npm:NAME@VERSION.',
      blame: 'user',
    })
  }
  return make(name, version)
}
