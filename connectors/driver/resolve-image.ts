import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { ConnectorCommand } from './driver.ts'
import { connectorFailure } from './failures.ts'
import type { ResolveOptions } from './resolve.ts'

/** Engines with docker's command line, in the order in which they are looked for. */
const engines = ['docker', 'podman', 'nerdctl'] as const

/** An image, run by the container engine that is told, or else by the first that is on the PATH. */
export async function resolveImage(
  { image }: { readonly image: string },
  { env, containerEngine }: ResolveOptions,
): Promise<ConnectorCommand> {
  const command = containerEngine ?? (await found(env['PATH'] ?? ''))
  if (command !== null) return { command, args: [], env, image }
  throw connectorFailure(
    'CONNECTOR_ENGINE_MISSING',
    `Connector ${image} is an image, and there is no container engine: none of ${engines.join(', ')} is on the PATH`,
  )
}

async function found(path: string): Promise<string | null> {
  for (const engine of engines) {
    for (const folder of path.split(delimiter)) {
      const program = join(folder, engine)
      const runs =
        folder !== '' &&
        (await access(program, constants.X_OK).then(
          () => true,
          () => false,
        ))
      if (runs) return program
    }
  }
  return null
}
