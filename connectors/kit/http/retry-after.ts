const longestMs = 15 * 60_000

/**
 * Milliseconds that a `Retry-After` header asks for: a number of seconds (some vendors send fractions) or a date, by
 * RFC 9110, section 10.2.3. Null if there is none that can be read. At most 15 minutes, whatever it says.
 */
export function retryAfterMs(header: string | null, now: number = Date.now()): number | null {
  if (header === null || header.trim() === '') return null
  const seconds = Number(header)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now
  return Number.isNaN(ms) ? null : Math.min(longestMs, Math.max(0, ms))
}
