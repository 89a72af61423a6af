import { isTraitlineError, TraitlineError, type Blame } from '../../orchestrator/contract/index.ts'
import type { ConnectorCommand } from './driver.ts'

const seeLog = 'Read its log for what went wrong.'

const hints = {
  CONNECTOR_NOT_FOUND: 'Check that the program is installed and may be executed.',
  CONNECTOR_ENGINE_MISSING:
    'Install Docker or Podman where the worker runs, or name the connector as pypi, npm or command.',
  CONNECTOR_CONFIG_INVALID: 'Correct these fields in the destination’s config.',
  CONNECTOR_CONFIG_REFUSED: 'Correct the destination’s config, then check the connection.',
  CONNECTOR_EXITED: seeLog,
  CONNECTOR_KILLED: 'If the system was short of memory, give it more or send smaller batches; otherwise read its log.',
  CONNECTOR_INPUT_CLOSED: seeLog,
  CONNECTOR_TIMEOUT: 'See whether the service behind it answers, or allow it more time.',
  CONNECTOR_GARBAGE: 'Check that the command is an Airbyte destination.',
  CONNECTOR_UNACKNOWLEDGED:
    'The rows of those batches may or may not have arrived. Report it to the connector’s maintainers.',
  CONNECTOR_STATE_UNKNOWN:
    'Report it to the connector’s maintainers: STATE messages have to come back as they were sent.',
  CONNECTOR_COUNT_MISMATCH: 'Report it to the connector’s maintainers: its destinationStats are wrong.',
  CONNECTOR_CANCELLED: 'What was acknowledged counts; the rest is sent by the next run.',
  CONNECTOR_SPEC_MISSING: 'Check that the command is an Airbyte destination.',
  CONNECTOR_CHECK_MISSING: 'Check that the command is an Airbyte destination.',
} as const

export type ConnectorFailureCode = keyof typeof hints

const blames: Partial<Record<ConnectorFailureCode, Blame>> = {
  CONNECTOR_NOT_FOUND: 'config',
  CONNECTOR_ENGINE_MISSING: 'config',
  CONNECTOR_CONFIG_INVALID: 'config',
  CONNECTOR_CONFIG_REFUSED: 'config',
  CONNECTOR_SPEC_MISSING: 'config',
  CONNECTOR_CANCELLED: 'user',
}

/** An error about a connector. `last` are the last lines that it printed, masked. */
export function connectorFailure(
  code: ConnectorFailureCode,
  message: string,
  options: { readonly last?: readonly string[]; readonly cause?: unknown } = {},
): TraitlineError {
  const said =
    options.last === undefined || options.last.length === 0 ? '' : `\nIts last lines:\n${options.last.join('\n')}`
  return new TraitlineError({
    code,
    message: `${message}${said}`,
    hint: hints[code],
    blame: blames[code] ?? 'connector',
    cause: options.cause,
  })
}

/** A program that could not be started, told as a connector's failure. */
export function startFailure(error: unknown, name: string): unknown {
  if (!isTraitlineError(error) || !error.code.startsWith('PROCESS_NOT_')) return error
  return connectorFailure('CONNECTOR_NOT_FOUND', `Connector ${name} did not start: ${error.message}`, { cause: error })
}

export function nameOf(command: ConnectorCommand): string {
  return command.name ?? command.image ?? command.command.slice(command.command.lastIndexOf('/') + 1)
}
