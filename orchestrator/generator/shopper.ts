import { genres, type Genre } from './event.ts'
import type { Random } from './random.ts'

/** Somebody who browses: a customer or, without an id, a visitor who never logs in. */
export interface Shopper {
  readonly customerId: string | null
  readonly favourite: Genre
  readonly country: string
  readonly browsers: readonly [Browser, ...Browser[]]
  /** From this time on they have an account to log in to; before their first purchase nobody has. */
  readonly accountSince: number
}

/** One browser by its first-party cookie. It stays logged in once somebody logged in. */
export interface Browser {
  readonly domainUserid: string
  readonly useragent: string
  readonly dvceType: string
  loggedIn: boolean
  sessions: number
}

const useragents: readonly [string, ...string[]] = [
  'Mozilla/4.05 [en] (Win95; I)',
  'Mozilla/4.04 [en] (WinNT; U)',
  'Mozilla/4.0 (compatible; MSIE 4.01; Windows 95)',
  'Mozilla/4.0 (compatible; MSIE 4.01; Windows 98)',
  'Mozilla/4.05 (Macintosh; I; PPC)',
]

const countries: readonly [string, ...string[]] = ['US', 'US', 'US', 'US', 'US', 'US', 'US', 'CA', 'GB', 'DE']

export function createShopper(random: Random, customerId: string | null, accountSince: number): Shopper {
  const first = createBrowser(random)
  return {
    customerId,
    favourite: random.pick(genres),
    country: random.pick(countries),
    browsers: random.chance(0.2) ? [first, createBrowser(random)] : [first],
    accountSince,
  }
}

/** Mostly the first; some have a second one, at work or at home. */
export function pickBrowser(random: Random, shopper: Shopper): Browser {
  const [first, second] = shopper.browsers
  return second !== undefined && random.chance(0.3) ? second : first
}

export function pickGenre(random: Random, shopper: Shopper): Genre {
  return random.chance(0.6) ? shopper.favourite : random.pick(genres)
}

function createBrowser(random: Random): Browser {
  return {
    domainUserid: random.uuid(),
    useragent: random.pick(useragents),
    dvceType: 'Computer',
    loggedIn: false,
    sessions: 0,
  }
}
