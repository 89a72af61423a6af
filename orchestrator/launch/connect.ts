import { Client, Connection } from '@temporalio/client'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import type { ClientConnectConfig } from '@temporalio/envconfig'
import { TraitlineError } from '../contract/index.ts'
import { temporalError } from './errors.ts'

export interface TemporalOptions {
  /** `host:port`. Given, it alone decides: no variables, no configuration file. */
  readonly address?: string
  readonly namespace?: string
  /** The profile of Temporal's configuration file to use. */
  readonly profile?: string
  /** The environment: its TEMPORAL_* variables say where the server is and how to be let in. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly identity?: string
}

export interface TemporalConfig {
  readonly address: string
  readonly namespace: string
  /** For a connection of one's own, such as a worker's. */
  readonly connectionOptions: ClientConnectConfig['connectionOptions']
}

export interface TemporalConnection extends TemporalConfig {
  readonly connection: Connection
  readonly client: Client
  close(): Promise<void>
}

const defaultAddress = 'localhost:7233'
const defaultNamespace = 'default'
const connectTimeoutMs = 5_000

/** Where Temporal is, by the standard variables and configuration file of its own tools. */
export function temporalConfig({ address, namespace, profile, env = {} }: TemporalOptions): TemporalConfig {
  if (address !== undefined)
    return { address, namespace: namespace ?? defaultNamespace, connectionOptions: { address } }
  const variables = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  let loaded: ClientConnectConfig
  try {
    loaded = loadClientConnectConfig({ profile, overrideEnvVars: Object.fromEntries(variables) })
  } catch (error) {
    throw new TraitlineError({
      code: 'TEMPORAL_CONFIG_INVALID',
      message: `Temporal's configuration cannot be read: ${error instanceof Error ? error.message : 'unknown reason'}`,
      hint: 'Correct TEMPORAL_PROFILE, the file of TEMPORAL_CONFIG_FILE or the certificates that it names.',
      blame: 'config',
    })
  }
  const found = loaded.connectionOptions.address ?? defaultAddress
  return {
    address: found,
    namespace: namespace ?? loaded.namespace ?? defaultNamespace,
    connectionOptions: { ...loaded.connectionOptions, address: found },
  }
}

/**
 * Connects, and makes sure that the namespace is there. Throws TEMPORAL_UNREACHABLE, TEMPORAL_NAMESPACE_UNKNOWN or
 * TEMPORAL_FORBIDDEN, each naming the address.
 *
 * @example
 * const temporal = await connectTemporal({ env })
 * const launcher = createLauncher({ client: temporal.client, store })
 */
export async function connectTemporal(options: TemporalOptions): Promise<TemporalConnection> {
  const config = temporalConfig(options)
  const { namespace, connectionOptions } = config
  let connection: Connection | undefined
  try {
    connection = await Connection.connect({ ...connectionOptions, connectTimeout: connectTimeoutMs })
    const { workflowService } = connection
    await connection.withDeadline(Date.now() + connectTimeoutMs, () => workflowService.describeNamespace({ namespace }))
  } catch (error) {
    await connection?.close()
    throw temporalError(error, config)
  }
  const opened = connection
  const client = new Client({ connection: opened, namespace, identity: options.identity })
  return { ...config, connection: opened, client, close: () => opened.close() }
}
