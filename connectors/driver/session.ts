import type { TraitlineError } from '../../orchestrator/contract/index.ts'
import { isTraitlineError } from '../../orchestrator/contract/index.ts'
import type { ProcessEnd } from '../../orchestrator/process/index.ts'
import { readMessages, secretValues, writeMessages, type AirbyteMessage } from '../protocol/index.ts'
import { AcknowledgementBook } from './acknowledgement.ts'
import type { Acknowledgement, OutgoingBatch, WriteOptions, WriteSession } from './driver.ts'
import { connectorFailure, nameOf, type ConnectorFailureCode } from './failures.ts'
import { launch, type Running } from './launch.ts'
import { runSpec } from './operations.ts'
import { AsyncQueue } from './queue.ts'
import { Transcript } from './transcript.ts'
import { validateConfig } from './validate-config.ts'

/** A program that closed its input has so long to say why. */
const lastWordsMs = 5_000
const maxGarbageInARow = 10_000

/** Starts a destination's `write`, its configuration held against its own spec first. */
export async function openWrite(options: WriteOptions): Promise<WriteSession> {
  const { command, config, catalog, idleTimeoutMs, signal } = options
  const name = nameOf(command)
  const spec = options.spec ?? (await runSpec({ ...options, timeoutMs: idleTimeoutMs }))
  validateConfig(name, spec, config)
  const secrets = [...secretValues(spec.connectionSpecification, config), ...(options.secrets ?? [])]
  const transcript = new Transcript(options.onLog, secrets)
  if (signal?.aborted === true) throw connectorFailure('CONNECTOR_CANCELLED', `${name} was not started`)
  const onStderr = (line: string): void => session.heardStderr(line)
  const running = await launch(command, 'write', { config, catalog }, onStderr, options.rateLimits)
  const session: Session = new Session(name, running, transcript, options)
  return session
}

class Session implements WriteSession {
  readonly #name: string
  readonly #running: Running
  readonly #transcript: Transcript
  readonly #options: WriteOptions
  readonly #book: AcknowledgementBook
  readonly #queue = new AsyncQueue<Acknowledgement>()
  /** Settles when the program has gone, all that it said was read and the verdict stands. */
  readonly #over: Promise<void>
  readonly #watch: NodeJS.Timeout
  #failure: TraitlineError | null = null
  #ended = false
  #sending = 0
  #lastSign = Date.now()

  constructor(name: string, running: Running, transcript: Transcript, options: WriteOptions) {
    this.#name = name
    this.#running = running
    this.#transcript = transcript
    this.#options = options
    this.#book = new AcknowledgementBook(name)
    this.#watch = setInterval(() => this.#checkIdle(), Math.max(20, options.idleTimeoutMs / 10))
    this.#watch.unref()
    // One that reads is at work, though it may say nothing before its end.
    for (const taken of ['drain', 'finish']) running.stdin.on(taken, () => (this.#lastSign = Date.now()))
    options.signal?.addEventListener('abort', this.#onAbort, { once: true })
    if (options.signal?.aborted === true) this.#onAbort()
    this.#over = this.#listen()
  }

  get acknowledgements(): AsyncIterable<Acknowledgement> {
    return this.#queue
  }

  async send(batch: OutgoingBatch): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    if (!this.#waits()) this.#lastSign = Date.now()
    this.#book.sent(batch)
    this.#sending += 1
    try {
      await writeMessages(this.#running.stdin, messagesOf(batch))
    } catch (cause) {
      throw await this.#whyInputBroke(cause)
    } finally {
      this.#sending -= 1
    }
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#lastSign = Date.now()
    this.#running.stdin.end()
  }

  async close(): Promise<void> {
    if (!this.#ended || this.#book.open > 0) this.#fail('CONNECTOR_CANCELLED', 'was closed before its work was done')
    await this.#running.kill()
    await this.#over
  }

  heardStderr(line: string): void {
    this.#lastSign = Date.now()
    this.#transcript.stderr(line)
  }

  async #listen(): Promise<void> {
    try {
      for await (const batch of readMessages(this.#running.stdout)) {
        this.#lastSign = Date.now()
        for (const incoming of batch) {
          const message = this.#transcript.hear(incoming)
          if (message !== null && this.#failure === null) this.#take(message)
        }
        if (this.#transcript.garbageInARow > maxGarbageInARow)
          this.#fail('CONNECTOR_GARBAGE', 'prints no Airbyte messages')
      }
      this.#judge(await this.#running.done)
    } catch (error) {
      this.#failWith(isTraitlineError(error) ? error : this.#failureOf('CONNECTOR_EXITED', 'could not be read', error))
    } finally {
      clearInterval(this.#watch)
      this.#options.signal?.removeEventListener('abort', this.#onAbort)
      this.#queue.end(this.#failure ?? undefined)
    }
  }

  #take(message: AirbyteMessage): void {
    if (message.type !== 'STATE') return
    try {
      for (const acknowledgement of this.#book.heard(message.state)) this.#queue.push(acknowledgement)
    } catch (error) {
      this.#failWith(error as TraitlineError)
    }
  }

  /** The program has gone by itself, or was killed for a failure that is known already. */
  #judge({ code, signal }: ProcessEnd): void {
    const { error, garbage, messages } = this.#transcript
    const open = this.#book.open
    if (error !== null && (code !== 0 || open > 0)) {
      const refused = error.type === 'config_error'
      const failure = refused ? 'refuses its configuration' : `failed (${error.type.replace('_', ' ')})`
      this.#fail(refused ? 'CONNECTOR_CONFIG_REFUSED' : 'CONNECTOR_EXITED', `${failure}: ${error.message}`)
    } else if (signal !== null) this.#fail('CONNECTOR_KILLED', `died by ${signal}`)
    else if (code !== 0) this.#fail('CONNECTOR_EXITED', `left with exit code ${code}`)
    else if (!this.#ended) this.#fail('CONNECTOR_EXITED', 'left before its input ended')
    else if (open > 0 && garbage > 0 && messages === 0) this.#fail('CONNECTOR_GARBAGE', 'printed no Airbyte messages')
    else if (open > 0) this.#fail('CONNECTOR_UNACKNOWLEDGED', `left without having acknowledged ${open} of its batches`)
  }

  #waits(): boolean {
    return this.#ended || this.#sending > 0 || this.#book.open > 0
  }

  #checkIdle(): void {
    const { idleTimeoutMs } = this.#options
    // One that waits for its turn is not idle.
    if (!this.#waits() || this.#running.rates?.waitedFor === true) this.#lastSign = Date.now()
    if (Date.now() - this.#lastSign <= idleTimeoutMs) return
    this.#fail('CONNECTOR_TIMEOUT', `neither read nor acknowledged nor said anything for ${idleTimeoutMs / 1000} s`)
  }

  readonly #onAbort = (): void => this.#fail('CONNECTOR_CANCELLED', 'was stopped')

  /** The program may be about to leave, and its exit says more than a broken pipe. */
  async #whyInputBroke(cause: unknown): Promise<TraitlineError> {
    const waited = new Promise<void>((resolve) => setTimeout(resolve, lastWordsMs).unref())
    await Promise.race([this.#over, waited])
    if (this.#failure === null)
      this.#failWith(this.#failureOf('CONNECTOR_INPUT_CLOSED', 'closed its input and went on', cause))
    await this.#over
    return this.#failure as unknown as TraitlineError
  }

  #failureOf(code: ConnectorFailureCode, what: string, cause?: unknown): TraitlineError {
    return connectorFailure(code, `${this.#name} ${what}`, { last: this.#transcript.last, cause })
  }

  #fail(code: ConnectorFailureCode, what: string): void {
    this.#failWith(this.#failureOf(code, what))
  }

  #failWith(failure: TraitlineError): void {
    if (this.#failure !== null) return
    this.#failure = failure
    void this.#running.kill()
  }
}

function* messagesOf({ records, state }: OutgoingBatch): Generator<AirbyteMessage> {
  for (const record of records) yield { type: 'RECORD', record }
  yield { type: 'STATE', state }
}
