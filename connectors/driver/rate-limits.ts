import type { Duplex } from 'node:stream'
import { createInterface } from 'node:readline'
import { isTraitlineError } from '../../orchestrator/contract/index.ts'
import type { RateAnswer, RateLimit } from '../protocol/index.ts'

/**
 * Rates that a destination keeps to together with others: other sessions, other processes. Names are the destination's
 * own, so whoever implements this tells one destination's from another's.
 */
export interface RateLimits {
  /** Resolves when so many calls may be made. Rejects when the signal is aborted, or the others cannot be asked. */
  take(limit: string, rate: RateLimit, calls: number, signal: AbortSignal): Promise<void>
  /** The vendor said to wait: none of those who share the rate calls before. */
  pause(limit: string, rate: RateLimit, ms: number): Promise<void>
}

const maxNameChars = 500
const maxCalls = 1_000_000
/** No vendor asks for more, and a wrong unit does no lasting harm. */
const maxPauseMs = 24 * 3_600_000

/** Answers a destination's requests for calls; what it asks for that makes no sense is refused. */
export class RateDesk {
  readonly #channel: Duplex
  readonly #limits: RateLimits
  readonly #closing = new AbortController()
  #waiting = 0

  constructor(channel: Duplex, limits: RateLimits) {
    this.#channel = channel
    this.#limits = limits
    channel.on('error', () => this.#closing.abort())
    channel.on('close', () => this.#closing.abort())
    createInterface({ input: channel }).on('line', (line) => void this.#hear(line))
  }

  /** Whether the program waits for its turn: it is then silent for good reason. */
  get waitedFor(): boolean {
    return this.#waiting > 0
  }

  async #hear(line: string): Promise<void> {
    const request = parse(line)
    if (request === null) return void this.#channel.destroy()
    const { limit, rate, id, take, pauseMs } = request
    if (pauseMs !== undefined) {
      // One that could not be told to others is lost: each of them will be told by the vendor.
      return this.#limits.pause(limit, rate, Math.min(pauseMs, maxPauseMs)).catch(() => undefined)
    }
    this.#waiting += 1
    try {
      await this.#limits.take(limit, rate, take, this.#closing.signal)
      this.#answer({ id })
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#answer({ id, problem: isTraitlineError(error) ? error.code : 'failed' })
    } finally {
      this.#waiting -= 1
    }
  }

  #answer(answer: RateAnswer): void {
    if (this.#channel.writable) this.#channel.write(`${JSON.stringify(answer)}\n`)
  }
}

interface Request {
  readonly limit: string
  readonly rate: Required<RateLimit>
  readonly id: number
  readonly take: number
  readonly pauseMs: number | undefined
}

function parse(line: string): Request | null {
  const value = parsed(line)
  const { limit, perSecond, burst = 1, id = 0, take = 1, pauseMs } = value ?? {}
  if (typeof limit !== 'string' || limit === '' || limit.length > maxNameChars) return null
  if (!isNumber(perSecond, Number.MIN_VALUE) || !isNumber(burst, 1) || !isNumber(id, 0)) return null
  if (!isNumber(take, 1) || take > maxCalls || !(pauseMs === undefined || isNumber(pauseMs, 0))) return null
  return { limit, rate: { perSecond, burst }, id, take, pauseMs }
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    return Object(JSON.parse(line)) as Readonly<Record<string, unknown>>
  } catch {
    return null
  }
}

function isNumber(value: unknown, min: number): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= min
}
