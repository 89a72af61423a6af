/** Beyond this, texts are compared as wholes: the table below grows with the product of their lengths. */
const mostLines = 2_000

/**
 * The lines in which two texts differ, each with its sign, and `context` lines around: ` same`, `-before`, `+after`,
 * and `…` where equal lines are left out. By the longest common subsequence of what equal beginnings and ends leave.
 *
 * @example
 * lineDiff('select a\nfrom t', 'select b\nfrom t') // ['-select a', '+select b', ' from t']
 */
export function lineDiff(before: string, after: string, options: { context?: number; most?: number } = {}): string[] {
  const { context = 1, most = 40 } = options
  const [old, now] = [before.split('\n'), after.split('\n')]
  let start = 0
  while (start < old.length && start < now.length && old[start] === now[start]) start++
  let end = 0
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++
  const middle = edits(old.slice(start, old.length - end), now.slice(start, now.length - end))
  const all = [
    ...old.slice(0, start).map((line) => ` ${line}`),
    ...middle,
    ...old.slice(old.length - end).map((line) => ` ${line}`),
  ]
  const lines = near(all, context)
  return lines.length > most ? [...lines.slice(0, most), `… ${lines.length - most} more lines`] : lines
}

function edits(old: readonly string[], now: readonly string[]): string[] {
  const whole = [...old.map((line) => `-${line}`), ...now.map((line) => `+${line}`)]
  if (old.length === 0 || now.length === 0 || old.length > mostLines || now.length > mostLines) return whole
  const width = now.length + 1
  // common[i * width + j]: length of the longest common subsequence of old[i...] and now[j...].
  const common = new Uint16Array((old.length + 1) * width)
  const at = (i: number, j: number): number => common[i * width + j] ?? 0
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      common[i * width + j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const lines: string[] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push(` ${old[i]}`)
      i++
      j++
    } else if (i < old.length && (j === now.length || at(i + 1, j) >= at(i, j + 1))) lines.push(`-${old[i++]}`)
    else lines.push(`+${now[j++]}`)
  }
  return lines
}

/** Changed lines and those close to one. */
function near(lines: readonly string[], context: number): string[] {
  const kept = new Set<number>()
  lines.forEach((line, at) => {
    if (line.startsWith(' ')) return
    for (let close = at - context; close <= at + context; close++) kept.add(close)
  })
  const shown: string[] = []
  let last = -1
  lines.forEach((line, at) => {
    if (!kept.has(at)) return
    if (at > last + 1) shown.push('…')
    shown.push(line)
    last = at
  })
  if (kept.size > 0 && last < lines.length - 1) shown.push('…')
  return shown
}
