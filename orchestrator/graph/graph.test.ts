import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AssetKey } from '../contract/index.ts'
import { buildGraph, downstreamClosure, findCycle, upstreamClosure, type GraphAsset } from './index.ts'

const asset = (key: AssetKey, ...deps: AssetKey[]): GraphAsset => ({ key, deps })

/** A random graph without cycles: each asset reads some of those before it. */
const acyclic = fc.array(fc.array(fc.nat(1000), { maxLength: 4 }), { minLength: 1, maxLength: 40 }).map((choices) =>
  choices.map((picks, index) => {
    const key: AssetKey = `trait/t${index}`
    return asset(key, ...(index === 0 ? [] : picks.map((pick): AssetKey => `trait/t${pick % index}`)))
  }),
)

test('order: everything after what it reads, whatever the order of definition', () => {
  fc.assert(
    fc.property(acyclic, fc.infiniteStream(fc.nat(1000)), (assets, random) => {
      const graph = buildGraph(assets)
      const place = new Map(graph.order.map((key, index) => [key, index]))
      expect(place.size).toBe(assets.length)
      for (const { key, deps } of assets) {
        for (const dep of deps) expect(place.get(dep)).toBeLessThan(place.get(key) as number)
      }
      const shuffled = assets
        .map((item) => ({ item, rank: random.next().value as number }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ item }) => item)
      expect(buildGraph(shuffled).order).toEqual(graph.order)
    }),
  )
})

test('closures: hold their start, grow with depth, are closed, and mirror each other', () => {
  fc.assert(
    fc.property(acyclic, fc.nat(1000), fc.nat(5), (assets, pick, depth) => {
      const graph = buildGraph(assets)
      const start = graph.order[pick % graph.order.length] as AssetKey
      const all = upstreamClosure(graph, [start])
      const near = upstreamClosure(graph, [start], depth)
      expect(near.has(start)).toBe(true)
      for (const key of near) expect(all.has(key)).toBe(true)
      expect(upstreamClosure(graph, all)).toEqual(all)
      expect(upstreamClosure(graph, upstreamClosure(graph, [start], depth), 1)).toEqual(
        upstreamClosure(graph, [start], depth + 1),
      )
      for (const key of graph.order) expect(all.has(key)).toBe(downstreamClosure(graph, [key]).has(start))
    }),
  )
})

test('a cycle is named with its path, from the same asset every time', () => {
  const assets = [
    asset('trait/a', 'audience/b'),
    asset('audience/b', 'source/s', 'trait/a'),
    asset('source/s'),
    asset('sync/z', 'trait/a'),
  ]
  expect(findCycle(assets)).toEqual(['audience/b', 'trait/a', 'audience/b'])
  expect(findCycle([...assets].reverse())).toEqual(['audience/b', 'trait/a', 'audience/b'])
  expect(() => buildGraph(assets)).toThrow('audience/b -> trait/a -> audience/b')
  expect(findCycle([asset('trait/self', 'trait/self')])).toEqual(['trait/self', 'trait/self'])
})

test('any one edge back makes a cycle of real edges', () => {
  fc.assert(
    fc.property(acyclic, fc.nat(1000), (assets, pick) => {
      const graph = buildGraph(assets)
      const from = graph.order[pick % graph.order.length] as AssetKey
      const to = [...downstreamClosure(graph, [from])].at(-1) as AssetKey
      const closed = assets.map((item) => (item.key === from ? asset(item.key, ...item.deps, to) : item))
      const path = findCycle(closed) as AssetKey[]
      expect(path[0]).toBe(path.at(-1))
      for (let step = 1; step < path.length; step++) {
        expect(closed.find(({ key }) => key === path[step - 1])?.deps).toContain(path[step])
      }
    }),
  )
})

test('a dep that is not among the assets is no edge', () => {
  const graph = buildGraph([asset('trait/a', 'source/elsewhere')])
  expect(graph.upstream('trait/a')).toEqual([])
  expect(graph.order).toEqual(['trait/a'])
})

test('10,000 assets with two deps each, and a chain of 10,000', () => {
  const wide = Array.from({ length: 10_000 }, (_, index) =>
    asset(
      `trait/t${index}`,
      ...(index < 2 ? [] : [`trait/t${index - 1 - (index % 2)}` as const, `trait/t${Math.floor(index / 2)}` as const]),
    ),
  )
  const chain = Array.from({ length: 10_000 }, (_, index) =>
    asset(`trait/c${index}`, ...(index === 0 ? [] : [`trait/c${index - 1}` as const])),
  )
  const started = performance.now()
  expect(buildGraph(wide).order).toHaveLength(10_000)
  const graph = buildGraph(chain)
  expect(upstreamClosure(graph, ['trait/c9999']).size).toBe(10_000)
  console.log(`two graphs of 10,000 assets: ${(performance.now() - started).toFixed(0)} ms`)
  const closed = [asset('trait/c0', 'trait/c9999'), ...chain.slice(1)]
  expect(findCycle(closed)).toHaveLength(10_001)
})
