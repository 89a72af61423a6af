import { setTimeout as sleep } from 'node:timers/promises'
import type { RateStore, SharedRate } from '../../../orchestrator/store/store.ts'

/** How much of a rate is taken at a time: at a high rate few statements, at a low one no call is hoarded. */
const leaseMs = 250
const leastWaitMs = 5

/** Calls that this process may make, the next of them at `next`; what is not used by `until` is lost. */
interface Lease {
  next: number
  left: number
  readonly until: number
}

/**
 * One rate as this process uses it, on behalf of all its sessions: calls come from the store in small leases, and each
 * is handed out when it is due, in the order of asking.
 */
export class SharedLimit {
  readonly #store: RateStore
  readonly #rate: SharedRate
  readonly #msPerCall: number
  readonly #leaseCalls: number
  #lease: Lease | null = null
  #queue: Promise<void> = Promise.resolve()
  /** Settles when the store knows of every pause; how many there were. */
  #paused: Promise<void> = Promise.resolve()
  #pauses = 0

  constructor(store: RateStore, rate: SharedRate) {
    this.#store = store
    this.#rate = rate
    this.#msPerCall = 1_000 / rate.perSecond
    this.#leaseCalls = Math.max(1, Math.floor(leaseMs / this.#msPerCall))
  }

  take(calls: number, signal: AbortSignal): Promise<void> {
    const turn = this.#queue.then(() => this.#wait(calls, signal))
    this.#queue = turn.catch(() => undefined)
    return turn
  }

  /** Holds this process at once, and the others as soon as the store knows. */
  pause(ms: number): Promise<void> {
    this.#lease = null
    this.#pauses += 1
    const told = this.#paused.then(() => this.#store.pause(this.#rate, ms))
    this.#paused = told.catch(() => undefined)
    return told
  }

  async #wait(calls: number, signal: AbortSignal): Promise<void> {
    let needed = calls
    while (needed > 0) {
      signal.throwIfAborted()
      await this.#paused
      const lease = this.#current() ?? (await this.#ask())
      if (typeof lease === 'number') {
        await sleep(lease, undefined, { signal })
        continue
      }
      const taken = Math.min(needed, lease.left)
      const due = lease.next + (taken - 1) * this.#msPerCall
      if (due > performance.now()) await sleep(due - performance.now(), undefined, { signal })
      // A pause came meanwhile: these calls are not made.
      if (this.#lease !== lease) continue
      lease.left -= taken
      lease.next += taken * this.#msPerCall
      needed -= taken
    }
  }

  #current(): Lease | null {
    const lease = this.#lease
    return lease !== null && lease.left > 0 && performance.now() < lease.until ? lease : null
  }

  /** A lease, or how long to wait before asking again. */
  async #ask(): Promise<Lease | number> {
    const left = this.#leaseCalls
    const pauses = this.#pauses
    const grant = await this.#store.take(this.#rate, left)
    const now = performance.now()
    if ('waitMs' in grant) return grant.waitMs + leastWaitMs * (1 + Math.random())
    // A pause came meanwhile: these calls are not made.
    if (pauses !== this.#pauses) return 0
    const next = now + grant.startMs
    this.#lease = { next, left, until: Math.max(now, next) + left * this.#msPerCall }
    return this.#lease
  }
}
