import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kindOf, type AssetKey } from '../../contract/index.ts'
import { buildGraph, select, type SelectableAsset } from '../index.ts'

function asset(key: AssetKey, deps: AssetKey[], more: Partial<SelectableAsset> = {}): SelectableAsset {
  return { key, kind: kindOf(key), deps, group: null, owners: [], tags: {}, ...more }
}

/** events -> customers -> ltv, tier -> at_risk -> crm, slack; events -> browsing -> cart -> at_risk. */
const graph = buildGraph([
  asset('source/events', [], { tags: { data: 'simulated' }, owners: ['data platform'] }),
  asset('model/shop/customers', ['source/events'], { group: 'marts' }),
  asset('model/shop/browsing', ['source/events'], { group: 'marts', tags: { nightly: '' } }),
  asset('trait/ltv', ['model/shop/customers'], { owners: ['analytics'] }),
  asset('trait/tier', ['model/shop/customers']),
  asset('trait/cart', ['model/shop/browsing']),
  asset('audience/at_risk', ['trait/ltv', 'trait/tier', 'trait/cart'], { owners: ['marketing', 'analytics'] }),
  asset('sync/crm', ['audience/at_risk']),
  asset('sync/slack', ['audience/at_risk']),
])

describe('selects', () => {
  const cases: [string, string][] = [
    ['trait/ltv', 'trait/ltv'],
    ['trait/ltv, sync/crm', 'trait/ltv sync/crm'],
    ['sync/*', 'sync/crm sync/slack'],
    ['model/*', 'model/shop/browsing model/shop/customers'],
    ['*/c*', 'model/shop/customers trait/cart sync/crm'],
    ['kind:trait', 'trait/cart trait/ltv trait/tier'],
    ['kind:model and group:marts', 'model/shop/browsing model/shop/customers'],
    ['tag:data=simulated', 'source/events'],
    ['tag:data=sim*', 'source/events'],
    ['tag:nightly', 'model/shop/browsing'],
    ['owner:"data platform"', 'source/events'],
    ['owner:analytics', 'trait/ltv audience/at_risk'],
    ['+trait/ltv', 'source/events model/shop/customers trait/ltv'],
    ['1+trait/ltv', 'model/shop/customers trait/ltv'],
    ['trait/ltv+', 'trait/ltv audience/at_risk sync/crm sync/slack'],
    ['trait/ltv+1', 'trait/ltv audience/at_risk'],
    ['1+trait/ltv+1', 'model/shop/customers trait/ltv audience/at_risk'],
    ['0+trait/ltv', 'trait/ltv'],
    ['+(trait/ltv or trait/cart)+1 and kind:*o*', 'source/events model/shop/browsing model/shop/customers'],
    ['1+(trait/ltv, trait/cart)', 'model/shop/browsing model/shop/customers trait/cart trait/ltv'],
    ['(sync/crm)', 'sync/crm'],
    ['not kind:trait and not kind:model', 'source/events audience/at_risk sync/crm sync/slack'],
    ['not (kind:trait or kind:model)', 'source/events audience/at_risk sync/crm sync/slack'],
    ['not not sync/crm', 'sync/crm'],
    ['sync/crm or trait/* and owner:analytics', 'trait/ltv sync/crm'],
    ['(sync/crm or trait/*) and owner:analytics', 'trait/ltv'],
    ['trait/ltv and sync/crm', ''],
  ]
  test.each(cases)('%s', (text, expected) => {
    expect(select(graph, text).join(' ')).toBe(expected)
  })

  test('* is everything, in topological order', () => {
    expect(select(graph, '*')).toEqual(graph.order)
  })
})

describe('refuses', () => {
  const cases: [string, string, string][] = [
    ['trait/lvt', 'no asset matches "trait/lvt"', 'Did you mean trait/ltv'],
    ['at_risk', 'no asset matches "at_risk"', 'Did you mean audience/at_risk?'],
    ['trait/at_risk', 'no asset matches', 'Did you mean audience/at_risk?'],
    ['kind:traits', 'no asset matches "kind:traits"', 'kind:trait'],
    ['tag:dat=simulated', 'no asset matches', 'tag:data=simulated'],
    ['not owner:marketin', 'no asset matches "owner:marketin"', 'owner:marketing'],
    ['nothing_like_it_at_all', 'no asset matches', 'traitline list'],
    ['', 'it is empty', 'Examples'],
    ['trait/ltv sync/crm', '"sync/crm" needs a comma', 'Examples'],
    ['trait/ltv and', 'it ends where a term should stand', 'Examples'],
    ['and trait/ltv', '"and" stands where a term should', 'Examples'],
    ['(trait/ltv', 'it ends', 'Examples'],
    ['trait/ltv)', '")" needs', 'Examples'],
    ['+', '"+" has no asset beside its +', 'Examples'],
    ['team:x', '"team:x" begins with none of kind:, group:, owner:, tag:', 'Examples'],
    ['owner:"data', 'a quote is not closed', 'Examples'],
  ]
  test.each(cases)('%s', (text, message, hint) => {
    expect(() => select(graph, text)).toThrow(
      expect.objectContaining({
        blame: 'user',
        message: expect.stringContaining(message) as string,
        hint: expect.stringContaining(hint) as string,
      }),
    )
  })
})

test('the algebra of sets holds', () => {
  const term = fc.constantFrom('trait/*', '+sync/crm', 'kind:model+1', 'owner:analytics', '*', '1+audience/at_risk')
  const sets = (text: string): Set<string> => new Set(select(graph, text))
  fc.assert(
    fc.property(term, term, (a, b) => {
      const [left, right] = [sets(a), sets(b)]
      expect(sets(`${a}, ${b}`)).toEqual(new Set([...left, ...right]))
      expect(sets(`${a} and ${b}`)).toEqual(new Set([...left].filter((key) => right.has(key))))
      expect(sets(`not (${a} and ${b})`)).toEqual(sets(`not ${a} or not ${b}`))
      expect(sets(`+(${a})`)).toEqual(new Set(select(graph, `+(+(${a}))`)))
    }),
  )
})
