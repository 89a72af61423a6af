import type { TraitlineError } from '../../orchestrator/contract/index.ts'
import {
  readMessages,
  secretValues,
  type AirbyteConnectionStatus,
  type AirbyteMessage,
  type ConnectorSpecification,
  type DestinationCatalog,
} from '../protocol/index.ts'
import type { ConnectorCommand, LogLine } from './driver.ts'
import { connectorFailure, nameOf } from './failures.ts'
import { launch, type Operation } from './launch.ts'
import { Transcript } from './transcript.ts'
import { validateConfig } from './validate-config.ts'

export interface OperationOptions {
  readonly command: ConnectorCommand
  /** For the whole operation; a Python connector takes seconds to start. */
  readonly timeoutMs: number
  readonly onLog?: (line: LogLine) => void
  readonly secrets?: readonly string[]
  readonly signal?: AbortSignal
}

export interface ConfiguredOperationOptions extends OperationOptions {
  readonly config: Readonly<Record<string, unknown>>
  /** What the program answers to `spec`, if it was asked already; otherwise it is asked first. */
  readonly spec?: ConnectorSpecification
}

/** Asks a connector for its specification. */
export async function runSpec(options: OperationOptions): Promise<ConnectorSpecification> {
  const { messages, failure } = await runOperation(options, 'spec', {})
  for (const message of messages) if (message.type === 'SPEC') return message.spec
  throw failure ?? connectorFailure('CONNECTOR_SPEC_MISSING', `${nameOf(options.command)} printed no specification`)
}

/** Asks a connector whether it could write with this configuration. Answers its words; throws if it cannot be asked. */
export async function runCheck(options: ConfiguredOperationOptions): Promise<AirbyteConnectionStatus> {
  const { messages, failure, mask } = await runConfigured(options, 'check')
  for (const message of messages) {
    if (message.type !== 'CONNECTION_STATUS') continue
    const { status, message: text } = message.connectionStatus
    return { status, message: text == null ? null : mask(text) }
  }
  throw (
    failure ?? connectorFailure('CONNECTOR_CHECK_MISSING', `${nameOf(options.command)} printed no connection status`)
  )
}

/** What a destination offers; null if it knows no `discover`, as most do. */
export async function runDiscover(options: ConfiguredOperationOptions): Promise<DestinationCatalog | null> {
  const { messages, failure, reported } = await runConfigured(options, 'discover')
  for (const message of messages) if (message.type === 'DESTINATION_CATALOG') return message.destination_catalog
  if (failure !== null && (reported || failure.code !== 'CONNECTOR_EXITED')) throw failure
  return null
}

interface OperationResult {
  readonly messages: readonly AirbyteMessage[]
  readonly failure: TraitlineError | null
  /** Whether the connector itself named an error. */
  readonly reported: boolean
  readonly mask: (text: string) => string
}

/** An operation with a configuration, which is held against the connector's spec first. */
async function runConfigured(options: ConfiguredOperationOptions, operation: Operation): Promise<OperationResult> {
  const { config } = options
  const spec = options.spec ?? (await runSpec(options))
  validateConfig(nameOf(options.command), spec, config)
  const secrets = [...secretValues(spec.connectionSpecification, config), ...(options.secrets ?? [])]
  return runOperation({ ...options, secrets }, operation, { config })
}

const maxMessages = 10_000

async function runOperation(
  { command, timeoutMs, onLog = () => undefined, secrets = [], signal }: OperationOptions,
  operation: Operation,
  files: Readonly<Record<string, unknown>>,
): Promise<OperationResult> {
  const name = nameOf(command)
  const transcript = new Transcript(onLog, secrets)
  const stop = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])])
  const running = await launch(command, operation, files, transcript.stderr)
  const onStop = (): void => void running.kill()
  if (stop.aborted) onStop()
  stop.addEventListener('abort', onStop, { once: true })
  running.stdin.end()
  const messages: AirbyteMessage[] = []
  try {
    for await (const batch of readMessages(running.stdout)) {
      for (const incoming of batch) {
        const message = transcript.hear(incoming)
        if (message !== null && messages.length < maxMessages) messages.push(message)
      }
    }
    const end = await running.done
    const { last, error, mask } = transcript
    const failed = (code: Parameters<typeof connectorFailure>[0], what: string): OperationResult => ({
      messages,
      failure: connectorFailure(code, `${name} ${what} in ${operation}`, { last }),
      reported: error !== null,
      mask,
    })
    if (signal?.aborted === true) return failed('CONNECTOR_CANCELLED', 'was stopped')
    if (stop.aborted) return failed('CONNECTOR_TIMEOUT', `did not end within ${timeoutMs / 1000} s`)
    if (error?.type === 'config_error') return failed('CONNECTOR_CONFIG_REFUSED', 'refuses its configuration')
    if (end.signal !== null) return failed('CONNECTOR_KILLED', `died by ${end.signal}`)
    if (end.code !== 0) return failed('CONNECTOR_EXITED', `left with exit code ${end.code}`)
    return { messages, failure: null, reported: error !== null, mask }
  } finally {
    stop.removeEventListener('abort', onStop)
    await running.kill()
  }
}
