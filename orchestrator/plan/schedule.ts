interface Task {
  readonly id: string
  readonly after: readonly string[]
  readonly ms: number
}

export interface Schedule {
  readonly endMs: number
  readonly startMs: ReadonlyMap<string, number>
  /** From the first to the last: each waited for the one before it, for its outcome or for its place. */
  readonly criticalPath: readonly string[]
}

/**
 * Plays the steps as a run does: in the order given, as soon as what they wait for has ended, at most `concurrency`
 * at once.
 */
export function schedule(tasks: readonly Task[], concurrency: number): Schedule {
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const readers = new Map<string, string[]>()
  const waitsFor = new Map<string, number>()
  for (const { id, after } of tasks) {
    const known = after.filter((other) => byId.has(other))
    waitsFor.set(id, known.length)
    for (const other of known) {
      const others = readers.get(other)
      if (others === undefined) readers.set(other, [id])
      else others.push(id)
    }
  }
  const ready = tasks.filter(({ id }) => waitsFor.get(id) === 0).map(({ id }) => id)
  const startMs = new Map<string, number>()
  const cameAfter = new Map<string, string | null>()
  const running = new EndHeap()
  let [now, next, last]: [number, number, string | null] = [0, 0, null]
  for (;;) {
    while (next < ready.length && running.size < concurrency) {
      const id = ready[next++]!
      startMs.set(id, now)
      cameAfter.set(id, last)
      running.push({ id, at: now + byId.get(id)!.ms })
    }
    const ended = running.pop()
    if (ended === undefined) break
    now = ended.at
    last = ended.id
    for (const reader of readers.get(ended.id) ?? []) {
      waitsFor.set(reader, waitsFor.get(reader)! - 1)
      if (waitsFor.get(reader) === 0) ready.push(reader)
    }
  }
  const criticalPath: string[] = []
  for (let at = last; at !== null; at = cameAfter.get(at) ?? null) criticalPath.unshift(at)
  return { endMs: now, startMs, criticalPath }
}

interface End {
  readonly id: string
  readonly at: number
}

/** A binary heap: the one that ends first is on top. */
class EndHeap {
  readonly #ends: End[] = []

  get size(): number {
    return this.#ends.length
  }

  push(end: End): void {
    const ends = this.#ends
    ends.push(end)
    for (let at = ends.length - 1; at > 0;) {
      const parent = (at - 1) >> 1
      if (ends[parent]!.at <= end.at) break
      ends[at] = ends[parent]!
      ends[parent] = end
      at = parent
    }
  }

  pop(): End | undefined {
    const ends = this.#ends
    const top = ends[0]
    const moved = ends.pop()
    if (moved === undefined || ends.length === 0) return top
    ends[0] = moved
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      const less = right < ends.length && ends[right]!.at < ends[left]!.at ? right : left
      if (less >= ends.length || ends[less]!.at >= moved.at) return top
      ends[at] = ends[less]!
      ends[less] = moved
      at = less
    }
  }
}
