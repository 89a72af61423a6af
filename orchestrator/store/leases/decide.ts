import { poolPattern } from '../../contract/index.ts'

/** A lease that is held or wanted, as deciding sees it. */
export interface Claim {
  readonly id: number
  readonly project: string
  readonly pools: readonly string[]
  /** From 1, which goes first, to 5. */
  readonly priority: number
}

/** All that decides who is next. */
export interface LeaseState {
  readonly limits: Limits
  readonly held: readonly Claim[]
  /** In the order in which they asked. */
  readonly waiting: readonly Claim[]
  /** Rises with every grant: when each project last had its turn in a pool, by `turnName`. */
  readonly turns: ReadonlyMap<string, number>
}

/** Slots by pool, or by the pattern of pools; what is not in it has no limit. */
export type Limits = ReadonlyMap<string, number>

export function slotsOf(limits: Limits, pool: string): number {
  const pattern = poolPattern(pool)
  return limits.get(pool) ?? (pattern === null ? undefined : limits.get(pattern)) ?? Infinity
}

export function turnName(pool: string, project: string): string {
  return `${pool}\n${project}`
}

/**
 * Who gets what is free, in the order in which they get it.
 *
 * First by priority; then the project that holds least of the pools that are wanted; then the one whose turn is
 * longest ago; then who asked first. A request gets all of its pools or none. One that cannot be met keeps a slot of
 * its other pools for itself, unless somebody before it waits for the same full pool: nobody overtakes it for ever,
 * and no more stands idle than what it needs.
 */
export function decideGrants(state: LeaseState): Claim[] {
  const queue = new Queue(state)
  const granted: Claim[] = []
  for (let next = queue.next(); next !== undefined; next = queue.next()) {
    queue.grant(next)
    granted.push(next)
  }
  return granted
}

/** Those that wait, in the order in which they would be served now. */
export function waitingOrder(state: LeaseState): Claim[] {
  return new Queue(state).inOrder()
}

class Queue {
  readonly #limits: Limits
  readonly #waiting: Claim[]
  readonly #age: ReadonlyMap<number, number>
  readonly #used = new Map<string, number>()
  readonly #usedBy = new Map<string, number>()
  readonly #turns: Map<string, number>
  #lastTurn: number

  constructor({ limits, held, waiting, turns }: LeaseState) {
    this.#limits = limits
    this.#waiting = [...waiting]
    this.#age = new Map(waiting.map(({ id }, place) => [id, place]))
    this.#turns = new Map(turns)
    this.#lastTurn = Math.max(0, ...turns.values())
    for (const claim of held) this.#take(claim)
  }

  inOrder(): Claim[] {
    const ranked = this.#waiting.map((claim) => ({ claim, rank: this.#rank(claim) }))
    return ranked.sort((a, b) => compare(a.rank, b.rank)).map(({ claim }) => claim)
  }

  next(): Claim | undefined {
    const kept = new Map<string, number>()
    const awaited = new Set<string>()
    for (const claim of this.inOrder()) {
      const full = claim.pools.filter((pool) => this.#free(pool) <= (kept.get(pool) ?? 0))
      if (full.length === 0) return claim
      if (full.some((pool) => awaited.has(pool))) continue
      for (const pool of claim.pools) {
        if (full.includes(pool)) awaited.add(pool)
        else kept.set(pool, (kept.get(pool) ?? 0) + 1)
      }
    }
    return undefined
  }

  grant(claim: Claim): void {
    this.#waiting.splice(this.#waiting.indexOf(claim), 1)
    this.#take(claim)
    this.#lastTurn += 1
    for (const pool of claim.pools) this.#turns.set(turnName(pool, claim.project), this.#lastTurn)
  }

  #take({ pools, project }: Claim): void {
    for (const pool of pools) {
      const name = turnName(pool, project)
      this.#used.set(pool, (this.#used.get(pool) ?? 0) + 1)
      this.#usedBy.set(name, (this.#usedBy.get(name) ?? 0) + 1)
    }
  }

  #free(pool: string): number {
    return slotsOf(this.#limits, pool) - (this.#used.get(pool) ?? 0)
  }

  #rank({ id, pools, project, priority }: Claim): readonly number[] {
    const most = (of: ReadonlyMap<string, number>): number =>
      pools.reduce((found, pool) => Math.max(found, of.get(turnName(pool, project)) ?? 0), 0)
    return [priority, most(this.#usedBy), most(this.#turns), this.#age.get(id) ?? 0]
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index])
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number)
}
