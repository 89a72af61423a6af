import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decideGrants, slotsOf, turnName, waitingOrder, type Claim, type LeaseState } from './decide.ts'

const claim = (id: number, pools: readonly string[], fields: Partial<Claim> = {}): Claim => ({
  id,
  project: 'shop',
  priority: 3,
  ...fields,
  pools,
})

function state(fields: Partial<LeaseState> & { readonly limits: LeaseState['limits'] }): LeaseState {
  return { held: [], waiting: [], turns: new Map(), ...fields }
}

const ids = (claims: readonly Claim[]): number[] => claims.map(({ id }) => id)

test('who asked first goes first, and a higher priority before all', () => {
  const waiting = [claim(1, ['a']), claim(2, ['a']), claim(3, ['a'], { priority: 1 })]
  expect(ids(decideGrants(state({ limits: new Map([['a', 2]]), waiting })))).toEqual([3, 1])
})

test('a pool without a limit is never full, one with none to give is always', () => {
  const waiting = [claim(1, ['free']), claim(2, ['shut'])]
  expect(ids(decideGrants(state({ limits: new Map([['shut', 0]]), waiting })))).toEqual([1])
})

test('a limit of every value, and another of one of them', () => {
  const limits = new Map([
    ['shop/runs/team=*', 1],
    ['shop/runs/team=a/b=c', 4],
    ['warehouse/*', 2],
  ])
  expect(slotsOf(limits, 'shop/runs/team=x')).toBe(1)
  expect(slotsOf(limits, 'shop/runs/team=a/b=c')).toBe(4)
  expect(slotsOf(limits, 'warehouse/duckdb-1')).toBe(2)
  expect(slotsOf(limits, 'runs')).toBe(Infinity)
})

test('all or none: one that waits for a full pool keeps a slot of its others, and no more than one', () => {
  const limits = new Map([
    ['narrow', 1],
    ['wide', 3],
  ])
  const held = [claim(0, ['narrow', 'wide'])]
  const waiting = [
    claim(1, ['narrow', 'wide']),
    claim(2, ['narrow', 'wide']),
    ...[3, 4, 5].map((id) => claim(id, ['wide'])),
  ]
  expect(ids(decideGrants(state({ limits, held, waiting })))).toEqual([3])
  expect(ids(decideGrants(state({ limits, held: [], waiting })))).toEqual([1, 3])
})

test('a pool of one slot goes from project to project, however many wait in one of them', () => {
  const limits = new Map([['a', 1]])
  let waiting = [
    ...Array.from({ length: 60 }, (_, at) => claim(at, ['a'], { project: 'big' })),
    ...Array.from({ length: 6 }, (_, at) => claim(100 + at, ['a'], { project: 'small' })),
  ]
  const turns = new Map<string, number>()
  const order: string[] = []
  for (let turn = 1; waiting.length > 0; turn++) {
    const [next] = decideGrants(state({ limits, waiting, turns }))
    order.push(next?.project ?? '')
    turns.set(turnName('a', next?.project ?? ''), turn)
    waiting = waiting.filter(({ id }) => id !== next?.id)
  }
  expect(order.slice(0, 12).filter((project) => project === 'small')).toHaveLength(6)
  expect(order).toHaveLength(66)
})

const poolNames = ['a', 'b', 'c', 'd'] as const

const claims = fc.array(
  fc.record({
    project: fc.constantFrom('p', 'q', 'r'),
    priority: fc.integer({ min: 1, max: 5 }),
    pools: fc.uniqueArray(fc.constantFrom(...poolNames), { minLength: 1, maxLength: 3 }),
  }),
  { maxLength: 25 },
)

const limitsArbitrary = fc
  .array(fc.integer({ min: 1, max: 3 }), { minLength: poolNames.length, maxLength: poolNames.length })
  .map((slots) => new Map(poolNames.map((pool, at) => [pool as string, slots[at] as number])))

test('whatever comes and ends in whatever order: no pool is ever over its limit, everybody is served in the end', () => {
  fc.assert(
    fc.property(claims, limitsArbitrary, fc.infiniteStream(fc.nat()), (requests, limits, picks) => {
      const coming = requests.map((request, id) => ({ ...request, id }))
      let held: Claim[] = []
      let waiting: Claim[] = []
      const served: number[] = []
      for (let steps = 0; coming.length + waiting.length + held.length > 0; steps++) {
        expect(steps).toBeLessThan(200)
        const pick = picks.next().value as number
        if (coming.length > 0 && (held.length === 0 || pick % 2 === 0)) waiting.push(coming.shift() as Claim)
        else held.splice(pick % held.length, 1)
        const granted = decideGrants(state({ limits, held, waiting }))
        served.push(...ids(granted))
        held = [...held, ...granted]
        waiting = waiting.filter((one) => !granted.includes(one))
        for (const [pool, slots] of limits) {
          expect(held.filter((one) => one.pools.includes(pool)).length).toBeLessThanOrEqual(slots)
        }
        // What is free is given: nobody waits for nothing.
        if (held.length === 0) expect(waiting).toEqual([])
      }
      expect(served.toSorted((a, b) => a - b)).toEqual(requests.map((_, id) => id))
    }),
  )
})

test('of two that want the same pools the one that is served first comes first', () => {
  fc.assert(
    fc.property(claims, limitsArbitrary, (requests, limits) => {
      const waiting = requests.map((request, id) => ({ ...request, id, pools: request.pools.toSorted(), project: 'p' }))
      const granted = ids(decideGrants(state({ limits, waiting })))
      const order = ids(waitingOrder(state({ limits, waiting })))
      for (const [at, one] of waiting.entries()) {
        for (const other of waiting.slice(at + 1)) {
          if (other.pools.join() !== one.pools.join()) continue
          const [first, second] = order.indexOf(one.id) < order.indexOf(other.id) ? [one, other] : [other, one]
          if (granted.includes(second.id)) expect(granted.indexOf(first.id)).not.toBe(-1)
        }
      }
    }),
  )
})
