/** Why a row is not taken. The message is shown to people and kept: no value of the row in it. */
export interface Refusal {
  readonly code: string
  readonly message: string
  /** It is not taken since there is nothing to do: absent where it is to be updated, there where it is to be created. */
  readonly skipped?: true
}

/** What a vendor says of a request with several items. */
export interface Verdict {
  /** The items that it complains of, by their position in the request. */
  readonly refused: ReadonlyMap<number, Refusal>
  /** Null if the others were taken; else why the request was refused, as a whole. */
  readonly whole: Refusal | null
}

const none: Verdict['refused'] = new Map()

/** All items were taken. */
export const taken: Verdict = { refused: none, whole: null }

/** Nothing was taken, and no item is named. */
export function refusedWhole(code: string, message: string): Verdict {
  return { refused: none, whole: { code, message } }
}

/**
 * Sends items until each was taken or refused by itself. What becomes of a request that is refused as a whole depends on
 * how much the vendor says: if it names items, the others are sent again without them; if it names none, the request is
 * halved until the item that it is refused for stands alone. Poison costs requests, never the items beside it.
 */
export async function sendJudged<T>(
  items: readonly T[],
  send: (items: readonly T[]) => Promise<Verdict>,
  outcome: { readonly taken: (items: number) => void; readonly refused: (item: T, refusal: Refusal) => void },
): Promise<void> {
  // A stack, not recursion: order is kept, and a list of any length is halved in constant depth of calls.
  const waiting: (readonly T[])[] = items.length === 0 ? [] : [items]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { refused, whole } = await send(next)
    const others: T[] = []
    for (const [index, item] of next.entries()) {
      const refusal = refused.get(index)
      if (refusal === undefined) others.push(item)
      else outcome.refused(item, refusal)
    }
    const [first] = others
    if (first === undefined) continue
    if (whole === null) {
      outcome.taken(others.length)
    } else if (others.length < next.length) {
      waiting.push(others)
    } else if (others.length === 1) {
      outcome.refused(first, whole)
    } else {
      const middle = Math.ceil(others.length / 2)
      waiting.push(others.slice(middle), others.slice(0, middle))
    }
  }
}
