import { createHash, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import type { RateStore } from '../../../orchestrator/store/store.ts'
import type { RateLimits } from '../../../connectors/driver/index.ts'
import type { RateLimit } from '../../../connectors/protocol/index.ts'
import { SharedLimit } from './shared-limit.ts'

const mostKnown = 10_000

/**
 * The rates of one place, kept to by everybody who writes there: whichever session, worker or project. A place is a kind
 * of program and its whole configuration, credentials included, since a vendor counts by account.
 */
export class SharedRates {
  readonly #store: RateStore
  readonly #places = new Map<string, Promise<string>>()
  readonly #limits = new Map<string, SharedLimit>()

  constructor(store: RateStore) {
    this.#store = store
  }

  of(program: string, config: object): RateLimits {
    const described = JSON.stringify([program, config])
    const limitOf = async (limit: string, { perSecond, burst = 1 }: RateLimit): Promise<SharedLimit> =>
      this.#limitOf(nameOf(await this.#placeOf(described), limit), perSecond, burst)
    return {
      take: async (limit, rate, calls, signal) => (await limitOf(limit, rate)).take(calls, signal),
      pause: async (limit, rate, ms) => (await limitOf(limit, rate)).pause(ms),
    }
  }

  /** By a hash that is slow to try, since some configurations hold little that could not be guessed. */
  #placeOf(described: string): Promise<string> {
    const quick = createHash('sha256').update(described).digest('hex')
    let place = this.#places.get(quick)
    if (place === undefined) {
      place = this.#store.salt().then((salt) => hashSlowly(described, salt))
      forgetOldest(this.#places)
      this.#places.set(quick, place)
      place.catch(() => this.#places.delete(quick))
    }
    return place
  }

  #limitOf(name: string, perSecond: number, burst: number): SharedLimit {
    const key = `${name} ${perSecond} ${burst}`
    let limit = this.#limits.get(key)
    if (limit === undefined) {
      limit = new SharedLimit(this.#store, { name, perSecond, burst })
      forgetOldest(this.#limits)
      this.#limits.set(key, limit)
    }
    return limit
  }
}

const derive = promisify<string, string, number, Buffer>(scrypt)

async function hashSlowly(text: string, salt: string): Promise<string> {
  return (await derive(text, salt, 16)).toString('hex')
}

function nameOf(place: string, limit: string): string {
  return createHash('sha256').update(`${place} ${limit}`).digest('hex').slice(0, 40)
}

/** What is made anew when it is asked for again. */
function forgetOldest(known: Map<string, unknown>): void {
  if (known.size >= mostKnown) known.delete(known.keys().next().value as string)
}
