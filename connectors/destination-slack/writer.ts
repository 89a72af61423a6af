import type { WebClient } from '@slack/web-api'
import {
  objectOf,
  retry,
  RetryLater,
  transientError,
  type Batch,
  type BatchResult,
  type DestinationContext,
  type DestinationWriter,
  type JsonData,
  type RowIssue,
} from '../kit/index.ts'
import { messageOf, type Message, type Refusal } from './message.ts'
import { failureOf } from './outcome.ts'

const attempts = 10

/** Posts one message a row, in order, each channel at its own pace. */
export class SlackWriter implements DestinationWriter {
  readonly #client: WebClient
  readonly #perSecond: number
  readonly #context: DestinationContext

  constructor(client: WebClient, perSecond: number, context: DestinationContext) {
    this.#client = client
    this.#perSecond = perSecond
    this.#context = context
  }

  async write({ rows }: Batch): Promise<BatchResult> {
    const rejected: RowIssue[] = []
    let accepted = 0
    for (const { stream, first, values } of rows) {
      for (const [index, value] of values.entries()) {
        const refusal = await this.#post(objectOf(stream), value)
        if (refusal === null) accepted += 1
        else rejected.push({ ordinal: first + index, ...refusal })
      }
    }
    return { accepted, rejected, skipped: [] }
  }

  async close(): Promise<void> {
    // Nothing is kept open.
  }

  async #post(channel: string, row: JsonData): Promise<Refusal | null> {
    const made = messageOf(channel, row)
    if ('refusal' in made) return made.refusal
    try {
      return await retry(() => this.#call(channel, made.message), {
        attempts,
        signal: this.#context.signal,
        onRetry: ({ ms, reason }) => this.#context.log.info(`${reason}: waiting ${Math.ceil(ms / 1000)} s.`),
      })
    } catch (error) {
      if (error instanceof RetryLater) throw transientError(`${error.message}, also after ${attempts} attempts.`, error)
      throw error
    }
  }

  async #call(channel: string, message: Message): Promise<Refusal | null> {
    // The rate is a channel's, whoever posts to it.
    const limiter = this.#context.limiter(`channel ${channel}`, { perSecond: this.#perSecond })
    await limiter.take(1, this.#context.signal)
    this.#context.meter.request(Buffer.byteLength(JSON.stringify(message)))
    try {
      await this.#client.chat.postMessage(message)
      return null
    } catch (error) {
      const failure = failureOf(error)
      if (failure.kind === 'row') return { code: failure.code, message: failure.message }
      if (failure.error instanceof RetryLater && failure.error.afterMs !== null) limiter.pause(failure.error.afterMs)
      throw failure.error
    }
  }
}
