import { withoutRows } from '../../orchestrator/process/index.ts'
import { redactor, type AirbyteMessage, type FailureType, type Incoming } from '../protocol/index.ts'
import type { LogLine } from './driver.ts'

const maxChars = 4_000
const keptLines = 12

/** What a connector says, without secrets and what may be of rows, passed on line by line; keeps the end of it for errors. */
export class Transcript {
  readonly #onLog: (line: LogLine) => void
  readonly mask: (text: string) => string
  #last: string[] = []
  /** Lines that are no messages, in all and since the last message. */
  garbage = 0
  garbageInARow = 0
  messages = 0
  /** The last error that the connector itself reported. */
  error: { readonly message: string; readonly type: FailureType } | null = null

  constructor(onLog: (line: LogLine) => void, secrets: readonly string[]) {
    this.#onLog = onLog
    const redacted = redactor(secrets)
    this.mask = (text) => withoutRows(redacted(text))
  }

  get last(): readonly string[] {
    return this.#last
  }

  hear(incoming: Incoming): AirbyteMessage | null {
    if (incoming.kind === 'garbage') {
      this.garbage += 1
      this.garbageInARow += 1
      this.say('INFO', incoming.text)
      return null
    }
    this.messages += 1
    this.garbageInARow = 0
    const { message } = incoming
    if (message.type === 'LOG') this.say(message.log.level, message.log.message)
    if (message.type === 'TRACE' && message.trace.error != null) this.#hearError(message.trace.error)
    return message
  }

  stderr = (line: string): void => {
    if (line.trim() !== '') this.say('INFO', line)
  }

  say(level: string, text: unknown): void {
    const masked = this.mask(String(text)).slice(0, maxChars)
    this.#last.push(masked)
    if (this.#last.length > keptLines) this.#last.shift()
    this.#onLog({ level, text: masked })
  }

  #hearError(error: {
    readonly message: string
    readonly failure_type?: FailureType | null
    readonly internal_message?: string | null
  }): void {
    this.error = {
      message: this.mask(String(error.message)).slice(0, maxChars),
      type: error.failure_type ?? 'system_error',
    }
    this.say('ERROR', error.message)
    if (error.internal_message != null && error.internal_message !== error.message)
      this.say('ERROR', error.internal_message)
  }
}
