/** The difference of two texts by lines: pure. */

export interface DiffLine {
  readonly type: 'same' | 'added' | 'removed'
  readonly text: string
}

/** By the longest common subsequence; texts too long for its table are shown as replaced. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split('\n')
  const b = after.split('\n')
  if (a.length * b.length > 250_000) {
    return [...a.map((text) => line('removed', text)), ...b.map((text) => line('added', text))]
  }
  const width = b.length + 1
  const longest = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        a[i] === b[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!)
    }
  }
  const lines: DiffLine[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(line('same', a[i++]!))
      j += 1
    } else if (j >= b.length || (i < a.length && longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!)) {
      lines.push(line('removed', a[i++]!))
    } else {
      lines.push(line('added', b[j++]!))
    }
  }
  return lines
}

function line(type: DiffLine['type'], text: string): DiffLine {
  return { type, text }
}
