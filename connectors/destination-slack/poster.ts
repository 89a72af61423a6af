import type { WebClient } from '@slack/web-api'
import { retry, RetryLater, transientError, type DestinationContext } from '../kit/index.ts'
import type { Message, Refusal } from './message.ts'
import { failureOf } from './outcome.ts'

const attempts = 10

/** What became of a message: where it is, or why Slack does not take it. */
export type Posted = { readonly ts: string } | { readonly refusal: Refusal }

/** Posts messages one at a time, each channel at its own pace. */
export class Poster {
  readonly #client: WebClient
  readonly #perSecond: number
  readonly #context: DestinationContext

  constructor(client: WebClient, perSecond: number, context: DestinationContext) {
    this.#client = client
    this.#perSecond = perSecond
    this.#context = context
  }

  post(message: Message): Promise<Posted> {
    return this.patiently(async () => {
      // The rate is a channel's, whoever posts to it.
      const limiter = this.#context.limiter(`channel ${message.channel}`, { perSecond: this.#perSecond })
      await limiter.take(1, this.#context.signal)
      this.#context.meter.request(Buffer.byteLength(JSON.stringify(message)))
      try {
        const { ts = '' } = await this.#client.chat.postMessage(message)
        return { ts }
      } catch (error) {
        const failure = failureOf(error)
        if (failure.kind === 'row') return { refusal: { code: failure.code, message: failure.message } }
        if (failure.error instanceof RetryLater && failure.error.afterMs !== null) limiter.pause(failure.error.afterMs)
        throw failure.error
      }
    })
  }

  /** Waits, and does it again, where Slack says so. */
  async patiently<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await retry(work, {
        attempts,
        signal: this.#context.signal,
        onRetry: ({ ms, reason }) => this.#context.log.info(`${reason}: waiting ${Math.ceil(ms / 1000)} s.`),
      })
    } catch (error) {
      if (error instanceof RetryLater) throw transientError(`${error.message}, also after ${attempts} attempts.`, error)
      throw error
    }
  }
}
