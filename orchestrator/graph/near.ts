/**
 * The candidates that a mistyped text may have meant, nearest first, at most three. A candidate whose last segment is
 * the text is nearest of all: `ltv` for `trait/ltv`.
 */
export function nearest(text: string, candidates: Iterable<string>): string[] {
  const wanted = text.replaceAll('*', '').toLowerCase()
  const scored: { candidate: string; distance: number }[] = []
  for (const candidate of new Set(candidates)) {
    const distance = score(wanted, candidate.toLowerCase())
    if (distance <= Math.max(2, Math.floor(wanted.length / 4))) scored.push({ candidate, distance })
  }
  scored.sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
  return scored.slice(0, 3).map(({ candidate }) => candidate)
}

/** Whole texts and last segments are compared: a wrong kind before a right name is a near miss. */
function score(wanted: string, candidate: string): number {
  const whole = sameLetters(wanted, candidate) ? 1 : editDistance(wanted, candidate)
  const segment = lastSegment(candidate)
  if (segment === candidate) return whole
  return Math.min(whole, editDistance(lastSegment(wanted), segment) + (wanted.includes('/') ? 1 : 0))
}

/** Letters that changed places are one slip, not two. */
function sameLetters(a: string, b: string): boolean {
  return a !== b && a.length === b.length && [...a].sort().join('') === [...b].sort().join('')
}

function lastSegment(text: string): string {
  return text.slice(text.lastIndexOf('/') + 1)
}

/** Wagner and Fischer's edit distance, one row at a time. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
