const replacement = '***'

/**
 * Replaces texts that are nobody's to read. Of two that begin at one place the longer goes first, since one may stand in
 * the other.
 *
 * @example
 * hiding(['key', 'key-of-mine'])('it is key-of-mine') // 'it is ***'
 */
export function hiding(secrets: readonly string[]): (text: string) => string {
  const longestFirst = [...new Set(secrets)].filter((secret) => secret !== '').sort((a, b) => b.length - a.length)
  if (longestFirst.length === 0) return (text) => text
  const pattern = new RegExp(longestFirst.map(escaped).join('|'), 'g')
  return (text) => text.replace(pattern, replacement)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
