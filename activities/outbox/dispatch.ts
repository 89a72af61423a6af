import type { Delivery, OutboxChannel, Scope } from '../../orchestrator/contract/index.ts'
import type { ClaimedMessage, Settlement, Store } from '../../orchestrator/store/store.ts'

/** How a channel's messages are sent. */
export interface Channel {
  readonly name: OutboxChannel
  /** Sends these, of one lane, as one. */
  send(messages: readonly ClaimedMessage[], signal: AbortSignal): Promise<Delivery>
  /** Whether all that was claimed goes out as one, or each by itself and in order. */
  readonly together: boolean
  /** Of a lane at once. */
  readonly limit: number
  /** Whoever dies over a claim loses it after this; half of it is spent on sending. */
  readonly claimSeconds: number
  readonly longestDelaySeconds: number
  /** A message that was tried so often, and is so old, is dead. */
  readonly givenUp: { readonly attempts: number; readonly ageSeconds: number }
  /** After so many failures in a row the channel rests; null where each lane has a receiver of its own. */
  readonly pauseAfter: number | null
  /** Whether what was delivered can be looked at. */
  readonly keep: boolean
}

/**
 * Sends what is due, until nothing is: each message until it is taken, so twice rather than never, with growing pauses,
 * and dead in the end. Any number may do it at once, and die over it. Answers in how many milliseconds there is
 * something to do; null for when something happens.
 */
export async function dispatch(
  outbox: Pick<Store['outbox'], 'claim' | 'settle' | 'health'>,
  scope: Scope,
  channel: Channel,
  signal: AbortSignal,
): Promise<number | null> {
  while (!signal.aborted) {
    const { claimSeconds, limit } = channel
    const claimed = await outbox.claim(scope, channel.name, { seconds: claimSeconds, limit })
    if (claimed.length === 0) break
    await outbox.settle(scope, channel.name, await sendAll(channel, claimed, signal))
  }
  return (await outbox.health(scope, channel.name)).dueInMs
}

async function sendAll(channel: Channel, claimed: readonly ClaimedMessage[], signal: AbortSignal): Promise<Settlement> {
  const { keep, pauseAfter, longestDelaySeconds } = channel
  const delivered: number[] = []
  const dead: { readonly id: number; readonly problem: string }[] = []
  const until = Date.now() + channel.claimSeconds * 500
  const units = channel.together ? [claimed] : claimed.map((message) => [message])
  const rest = (from: number): number[] => units.slice(from).flatMap((unit) => unit.map(({ id }) => id))
  const settled = (at: number, later: Settlement['later'] = null): Settlement => ({
    ...{ delivered, dead, keep, later, released: rest(at) },
    pause: pauseAfter === null ? null : { after: pauseAfter, longestSeconds: longestDelaySeconds },
  })
  for (const [at, unit] of units.entries()) {
    if (signal.aborted || Date.now() > until) return settled(at)
    const sent = await channel.send(unit, signal)
    if (sent.type === 'delivered') delivered.push(...unit.map(({ id }) => id))
    // What was cut off by our own end says nothing of the receiver.
    else if (signal.aborted) return settled(at)
    else if (sent.type === 'never' || unit.some((message) => isGivenUp(message, channel))) {
      dead.push(...unit.map(({ id }) => ({ id, problem: sent.problem })))
    } else {
      const attempts = Math.max(...unit.map((message) => message.attempts))
      const seconds = sent.seconds ?? Math.min(2 ** Math.min(attempts, 20), longestDelaySeconds)
      return settled(at + 1, { ids: unit.map(({ id }) => id), problem: sent.problem, seconds })
    }
  }
  return settled(units.length)
}

function isGivenUp({ attempts, ageSeconds }: ClaimedMessage, { givenUp }: Channel): boolean {
  return attempts >= givenUp.attempts && ageSeconds >= givenUp.ageSeconds
}
