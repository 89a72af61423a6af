/**
 * How a destination asks its runner for a share of a vendor's rate: a line of JSON each way on a descriptor of its own,
 * which the environment variable names. Not in the Airbyte protocol; a program that does not know it misses nothing.
 */
export const rateLimitsVariable = 'TRAITLINE_RATE_LIMITS_FD'

/** A vendor's limit: so many calls a second on average, and up to `burst` at once (1 if not said). */
export interface RateLimit {
  readonly perSecond: number
  readonly burst?: number
}

/** From the destination: when may so many calls be made, or: nobody is to call for so long. */
export type RateRequest = { readonly limit: string } & RateLimit &
  ({ readonly id: number; readonly take: number } | { readonly pauseMs: number })

/** From the runner: the calls may be made now; or why it cannot tell. */
export interface RateAnswer {
  readonly id: number
  readonly problem?: string
}
