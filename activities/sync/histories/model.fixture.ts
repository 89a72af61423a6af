import type { SyncMode, SyncRequest } from '../../../orchestrator/contract/index.ts'

/**
 * What each mode promises, written a second time and in another way: one key at a time, with the facts that a person
 * would keep, and without a hash, a query or anything of the engine.
 */

/** What is believed of a key. */
interface Belief {
  /** What was last sent of it, as far as it was answered; null if that does not count any more. */
  readonly value: string | null
  /** `maybe`: the last that was sent may have happened or not. `parked`: the same, and it must not be sent blindly. */
  readonly is: 'written' | 'taken away' | 'left out' | 'maybe' | 'parked'
}

export interface Sent {
  readonly operation: string
  readonly key: string
  readonly value: string | null
}

export type Outcome = 'accepted' | 'skipped' | 'rejected' | 'unknown'

interface Promise {
  readonly does: string
  /** Does it again when the row has changed. */
  readonly follows: boolean
  /** What becomes of what has left. */
  readonly left: 'stays' | 'forgotten' | 'delete' | 'remove'
}

export const promises = {
  upsert: { does: 'upsert', follows: true, left: 'stays' },
  update: { does: 'update', follows: true, left: 'stays' },
  insert: { does: 'insert', follows: false, left: 'stays' },
  mirror: { does: 'upsert', follows: true, left: 'delete' },
  add: { does: 'add', follows: true, left: 'stays' },
  remove: { does: 'remove', follows: false, left: 'stays' },
  members: { does: 'add', follows: true, left: 'remove' },
  delete: { does: 'delete', follows: false, left: 'forgotten' },
} as const satisfies Readonly<Partial<Record<SyncMode, Promise>>>

export type ComparingMode = keyof typeof promises

const takes = (operation: string): boolean => operation === 'delete' || operation === 'remove'

export class Model {
  readonly beliefs = new Map<string, Belief>()
  readonly destination = new Map<string, string | null>()
  #mode: ComparingMode | null = null

  /** What a run sends: what is taken away first, then by key. `twice` are keys that the source has more than once. */
  plan(
    mode: ComparingMode,
    source: ReadonlyMap<string, string>,
    twice: ReadonlySet<string>,
    request: SyncRequest | null,
  ): Sent[] {
    const { does, follows, left } = promises[mode] as Promise
    const usable = [...source].filter(([key]) => !twice.has(key))
    const gone = [...this.beliefs.keys()].filter((key) => !source.has(key))
    if (this.#mode !== null && this.#mode !== mode) this.#changeMode(does)
    this.#mode = mode
    if (request === 'adopt') {
      for (const [key, value] of usable) this.beliefs.set(key, { value, is: takes(does) ? 'taken away' : 'written' })
    }
    if (request === 'forget') for (const key of gone) this.beliefs.delete(key)
    if (request === 'resync') {
      for (const key of source.keys()) {
        const belief = this.beliefs.get(key)
        if (belief !== undefined)
          this.beliefs.set(key, { value: null, is: belief.is === 'parked' ? 'maybe' : belief.is })
      }
    }
    const writes = usable
      .filter(([key, value]) => {
        const belief = this.beliefs.get(key)
        if (belief === undefined || belief.is === (takes(does) ? 'written' : 'taken away')) return true
        return belief.value === null || (follows && belief.value !== value)
      })
      .map(([key, value]): Sent => ({ operation: does, key, value }))
    const removes = gone.filter((key) => {
      const is = this.beliefs.get(key)?.is
      return (left === 'delete' || left === 'remove') && is !== undefined && is !== 'left out' && is !== 'taken away'
    })
    if (left === 'forgotten') for (const key of gone) this.beliefs.delete(key)
    const byKey = (a: Sent, b: Sent): number => (a.key < b.key ? -1 : 1)
    return [...removes.map((key): Sent => ({ operation: left, key, value: null })).sort(byKey), ...writes.sort(byKey)]
  }

  /** What the destination does when a row reaches it. */
  reach({ operation, key, value }: Sent): 'accepted' | 'skipped' {
    const there = this.destination.has(key)
    if (takes(operation)) this.destination.delete(key)
    else if (operation === 'insert' && there) return 'skipped'
    else if (operation === 'update' && !there) return 'skipped'
    else this.destination.set(key, value)
    return 'accepted'
  }

  /** What a run learns of a row that it sent. `knows`: the destination knows a batch that it is given again. */
  learn({ operation, key, value }: Sent, outcome: Outcome, knows: boolean): void {
    if (outcome === 'rejected') return
    if (outcome === 'unknown') {
      if (operation !== 'insert') this.beliefs.set(key, { value: null, is: 'maybe' })
      else if (!knows) this.beliefs.set(key, { value, is: 'parked' })
      return
    }
    if (takes(operation) && value === null) {
      this.beliefs.delete(key)
      return
    }
    const before = this.beliefs.get(key)?.is
    const ours = before === 'written' && !takes(operation)
    if (outcome === 'skipped') this.beliefs.set(key, { value, is: ours ? 'written' : 'left out' })
    else this.beliefs.set(key, { value, is: takes(operation) ? 'taken away' : 'written' })
  }

  #changeMode(does: string): void {
    for (const [key, { is, value }] of [...this.beliefs]) {
      if (is === 'left out') this.beliefs.delete(key)
      if (is === 'parked') this.beliefs.set(key, does === 'insert' ? { is, value } : { is: 'maybe', value: null })
    }
  }
}
