import { resolveConfig } from '../../../activities/sync/config.ts'
import { resolveConnector, runSpec } from '../../../connectors/driver/index.ts'
import type { ConnectorRef, DestinationSpec } from '../../contract/index.ts'
import { isTraitlineError } from '../../contract/index.ts'
import { connectorEnvironment } from '../child-environment.ts'
import type { Connections } from '../connections.ts'
import type { Settings } from '../settings.ts'
import { fail, ok, warn, type Finding } from './finding.ts'

const askTimeoutMs = 60_000

/** Installing takes minutes and a network: those are only said to be installed at their first use. */
const asked: ReadonlySet<ConnectorRef['type']> = new Set(['builtin', 'command'])

/** Whether each destination's program starts, and the variables that its configuration names are set. */
export async function checkDestination(
  destination: DestinationSpec,
  settings: Settings,
  connections: Connections,
  env: NodeJS.ProcessEnv,
): Promise<Finding> {
  const name = `connector ${destination.name}`
  const variables = connections.stack?.variables ?? {}
  try {
    resolveConfig(destination, (variable) => settings.secret(variable) ?? variables[variable])
  } catch (error) {
    if (isTraitlineError(error)) return fail(name, error.message, error.hint)
    throw error
  }
  const { connector } = destination
  if (!asked.has(connector.type)) {
    return warn(name, `a connector of type ${connector.type} is installed when it is first used`, 'Run its sync once.')
  }
  const command = await resolveConnector(connector, {
    home: settings.home,
    env: connectorEnvironment(env),
    projectDir: settings.projectDir,
  })
  await runSpec({ command, timeoutMs: askTimeoutMs })
  return ok(name, 'starts and tells its specification; its variables are set')
}
