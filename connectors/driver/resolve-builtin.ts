import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../../orchestrator/process/index.ts'
import type { ConnectorCommand } from './driver.ts'
import { connectorFailure } from './failures.ts'
import type { ResolveOptions } from './resolve.ts'

const prefix = 'destination-'

/** A destination that comes with Traitline, run by the Node that runs this. */
export async function resolveBuiltin(
  { name }: { readonly name: string },
  { env, builtinDir = join(packageRoot(), 'connectors/bin') }: ResolveOptions,
): Promise<ConnectorCommand> {
  const program = name.startsWith(prefix) ? name : `${prefix}${name}`
  const programs = (await readdir(builtinDir)).filter((file) => file.startsWith(prefix))
  if (!programs.includes(program)) {
    const known = programs.map((file) => file.slice(prefix.length)).join(', ')
    throw connectorFailure('CONNECTOR_NOT_FOUND', `There is no builtin destination ${name}; there are: ${known}`)
  }
  return { command: process.execPath, args: [join(builtinDir, program)], env, name: program }
}
