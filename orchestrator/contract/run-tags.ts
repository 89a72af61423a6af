/** What a run is marked with by whoever starts it: `team=growth`. Queues are limited by them, and lists filtered. */
export type RunTags = Readonly<Record<string, string>>

export const runTagRule =
  'A key has letters, digits, "_", "-" and "." and at most 63 of them; a value has 1 to 200 characters, and is not "*"'

export function isRunTag(key: string, value: string): boolean {
  return /^[A-Za-z0-9_.-]{1,63}$/.test(key) && value.length >= 1 && value.length <= 200 && value !== '*'
}

/** `team=growth` as a pair; null if it is no tag. A value may hold further `=`. */
export function parseRunTag(text: string): readonly [key: string, value: string] | null {
  const [key = '', ...rest] = text.split('=')
  const value = rest.join('=')
  return isRunTag(key, value) ? [key, value] : null
}

/** What a run may have at most. */
export const mostRunTags = 32
