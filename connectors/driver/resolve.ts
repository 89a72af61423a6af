import type { ConnectorRef } from '../../orchestrator/contract/index.ts'
import type { ConnectorCommand } from './driver.ts'
import { resolveBuiltin } from './resolve-builtin.ts'
import { resolveCommand } from './resolve-command.ts'
import { resolveImage } from './resolve-image.ts'
import { resolveNpm } from './resolve-npm.ts'
import { resolvePypi } from './resolve-pypi.ts'

export interface ResolveOptions {
  /** Traitline's home: connectors that are installed live in its folder `connectors`. */
  readonly home: string
  /** What connector programs see of the environment: PATH, HOME, proxies, certificates. No secrets of others. */
  readonly env: Readonly<Record<string, string>>
  /** What relative commands are relative to. */
  readonly projectDir?: string
  /** Folder of the destinations that come with Traitline. */
  readonly builtinDir?: string
  /** Makes environments for connectors from PyPI; `python3` by default. */
  readonly pythonExecutable?: string
  /** Makes them instead, and faster. */
  readonly uvExecutable?: string
  /** Installs connectors from npm; `npm` by default. */
  readonly npmExecutable?: string
  /** The first of docker, podman and nerdctl that is there, by default. */
  readonly containerEngine?: string
  /** Lines for people while a connector is installed. */
  readonly onProgress?: (line: string) => void
  readonly signal?: AbortSignal
}

type Resolvers = {
  readonly [Type in ConnectorRef['type']]: (
    ref: Extract<ConnectorRef, { readonly type: Type }>,
    options: ResolveOptions,
  ) => Promise<ConnectorCommand>
}

const resolvers: Resolvers = {
  builtin: resolveBuiltin,
  command: resolveCommand,
  image: resolveImage,
  npm: resolveNpm,
  pypi: resolvePypi,
}

/**
 * How to start a connector, installing it first if need be. Throws CONNECTOR_NOT_FOUND or CONNECTOR_INSTALL_FAILED.
 *
 * @example
 * const command = await resolveConnector({ type: 'builtin', name: 'slack' }, { home, env })
 */
export function resolveConnector(ref: ConnectorRef, options: ResolveOptions): Promise<ConnectorCommand> {
  const resolve = resolvers[ref.type] as (ref: ConnectorRef, options: ResolveOptions) => Promise<ConnectorCommand>
  return resolve(ref, options)
}
