export interface PieceLimits {
  readonly count: number
  /** Of all items of a piece together, by `size`. */
  readonly bytes?: number
}

/**
 * Cuts a list into pieces that each keep to a vendor's limits, in order. An item that is too large alone makes a piece of
 * its own: whoever has a limit for single items checks it before.
 */
export function* pieces<T>(
  items: Iterable<T>,
  { count, bytes = Infinity }: PieceLimits,
  size: (item: T) => number = () => 0,
): Generator<T[]> {
  let piece: T[] = []
  let total = 0
  for (const item of items) {
    const own = size(item)
    if (piece.length > 0 && (piece.length >= count || total + own > bytes)) {
      yield piece
      piece = []
      total = 0
    }
    piece.push(item)
    total += own
  }
  if (piece.length > 0) yield piece
}

/**
 * Sends items that the other side takes or refuses as a whole: a refused list is halved until the items that it is
 * refused for stand alone. One poison item costs about two requests for each halving, not its list.
 *
 * `send` answers null if the items were taken, else why not; `refused` is told of each item that is refused alone.
 */
export async function sendHalving<T, Refusal>(
  items: readonly T[],
  send: (items: readonly T[]) => Promise<Refusal | null>,
  refused: (item: T, refusal: Refusal) => void,
): Promise<void> {
  // A stack, not recursion: order is kept, and a list of any length is halved in constant depth of calls.
  const waiting: (readonly T[])[] = items.length === 0 ? [] : [items]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const refusal = await send(next)
    if (refusal === null) continue
    const [first] = next
    if (next.length === 1 && first !== undefined) {
      refused(first, refusal)
      continue
    }
    const middle = Math.ceil(next.length / 2)
    waiting.push(next.slice(middle), next.slice(0, middle))
  }
}
