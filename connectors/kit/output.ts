import type { Writable } from 'node:stream'
import { formatMessage, redactor, type AirbyteMessage, type LogLevel } from '../protocol/index.ts'
import type { DestinationLog } from './definition.ts'
import { DestinationError } from './errors.ts'

/** What the program says, a message a line. Text for people is masked; states and catalogs pass as they are. */
export class Output {
  readonly #stream: Writable
  #mask: (text: string) => string = (text) => text

  constructor(stream: Writable) {
    this.#stream = stream
  }

  hide(secrets: readonly string[]): void {
    this.#mask = redactor(secrets)
  }

  emit(message: AirbyteMessage): void {
    this.#stream.write(formatMessage(message))
  }

  readonly log: DestinationLog = {
    debug: (message) => this.#say('DEBUG', message),
    info: (message) => this.#say('INFO', message),
    warn: (message) => this.#say('WARN', message),
    error: (message) => this.#say('ERROR', message),
  }

  /** Says why the program gives up. An error that nobody foresaw may quote a row, so only its kind and place are told. */
  fail(error: unknown): void {
    const details =
      error instanceof DestinationError
        ? { message: error.message, failure_type: error.failureType }
        : {
            message: `The destination failed in a way that it does not describe (${kindOf(error)}).`,
            failure_type: 'system_error' as const,
            stack_trace: placesOf(error),
          }
    const masked = { ...details, message: this.#mask(details.message) }
    this.emit({ type: 'TRACE', trace: { type: 'ERROR', emitted_at: Date.now(), error: masked } })
  }

  status(status: 'SUCCEEDED' | 'FAILED', error?: unknown): void {
    const message = error === undefined ? {} : { message: this.#mask(messageOf(error)) }
    this.emit({ type: 'CONNECTION_STATUS', connectionStatus: { status, ...message } })
  }

  #say(level: LogLevel, message: string): void {
    this.emit({ type: 'LOG', log: { level, message: this.#mask(message) } })
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' ? `${error.name}, ${code}` : error.name
}

function placesOf(error: unknown): string {
  if (!(error instanceof Error) || error.stack === undefined) return ''
  return error.stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n')
}
