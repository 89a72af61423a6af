import { isAbsolute, resolve } from 'node:path'
import type { ConnectorCommand } from './driver.ts'
import { connectorFailure } from './failures.ts'
import type { ResolveOptions } from './resolve.ts'

/** A command line; a program with a slash in its name is relative to the project, another is looked for in PATH. */
export async function resolveCommand(
  { command: [program, ...args] }: { readonly command: readonly string[] },
  { env, projectDir = '.' }: ResolveOptions,
): Promise<ConnectorCommand> {
  if (program === undefined) throw connectorFailure('CONNECTOR_NOT_FOUND', 'The connector’s command is empty')
  const path = program.includes('/') && !isAbsolute(program) ? resolve(projectDir, program) : program
  return { command: path, args, env }
}
