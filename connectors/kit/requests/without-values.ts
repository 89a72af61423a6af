const shortest = 3
const longest = 300

/**
 * A vendor's words about an item, if they can be shown and kept: not if they repeat a value of the item, or are too long
 * to be a sentence. Null otherwise.
 */
export function withoutValues(words: unknown, item: unknown): string | null {
  if (typeof words !== 'string' || words.trim() === '' || words.length > longest) return null
  return repeats(words.toLowerCase(), item) ? null : words.trim()
}

function repeats(words: string, value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some((inner) => repeats(words, inner))
  if (typeof value !== 'string' && typeof value !== 'number') return false
  const text = String(value).toLowerCase()
  return text.length >= shortest && words.includes(text)
}
