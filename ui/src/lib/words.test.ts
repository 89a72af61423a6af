import { describe, expect, test } from 'vitest'
import type { Predicate } from '../../../orchestrator/contract/index.ts'
import {
  listed,
  predicateInWords,
  reasonInWords,
  reasonsInWords,
  templateParts,
  testInWords,
  traitInWords,
} from './words.ts'

describe('traits', () => {
  const continuous = { type: 'continuous', unit: null, min: null, max: null, precision: 2, integer: false } as const

  test('say their type, unit and range', () => {
    expect(traitInWords({ type: 'boolean' })).toBe('Yes or no')
    expect(traitInWords({ type: 'categorical', categories: ['gold', 'silver', 'bronze'] })).toBe(
      'One of gold, silver or bronze',
    )
    expect(traitInWords({ ...continuous, unit: 'USD', min: 0 })).toBe('A number of USD, at least 0, to 2 decimals')
    expect(traitInWords({ ...continuous, min: 0, max: 1, precision: 4 })).toBe('A number from 0 to 1, to 4 decimals')
    expect(traitInWords({ ...continuous, unit: 'days', max: 90, integer: true })).toBe(
      'A whole number of days, at most 90',
    )
  })
})

describe('predicates', () => {
  test('every test', () => {
    expect(testInWords({ is: 'eq', value: true })).toBe('is yes')
    expect(testInWords({ is: 'ne', value: 'gold' })).toBe('is not gold')
    expect(testInWords({ is: 'gt', value: 1500 }, 'USD')).toBe('is more than 1,500 USD')
    expect(testInWords({ is: 'gte', value: 0.5 })).toBe('is at least 0.5')
    expect(testInWords({ is: 'lt', value: 1 })).toBe('is less than 1')
    expect(testInWords({ is: 'lte', value: 1 })).toBe('is at most 1')
    expect(testInWords({ is: 'between', from: 1, to: 3 }, 'days')).toBe('is from 1 to 3 days')
    expect(testInWords({ is: 'in', values: ['gold', 'silver'] })).toBe('is gold or silver')
    expect(testInWords({ is: 'not_in', values: ['gold', 'silver'] })).toBe('is neither gold nor silver')
    expect(testInWords({ is: 'null' })).toBe('is not known')
    expect(testInWords({ is: 'not_null' })).toBe('is known')
  })

  test('nested groups keep their brackets', () => {
    const predicate: Predicate = {
      op: 'all',
      of: [
        { op: 'compare', trait: 'trait/value_tier', test: { is: 'eq', value: 'gold' } },
        {
          op: 'any',
          of: [
            { op: 'compare', trait: 'trait/lifetime_value', test: { is: 'gte', value: 500 } },
            { op: 'not', of: { op: 'in_audience', audience: 'audience/at_risk' } },
          ],
        },
      ],
    }
    expect(predicateInWords(predicate, (trait) => (trait === 'trait/lifetime_value' ? 'USD' : null))).toBe(
      'value tier is gold and (lifetime value is at least 500 USD or not is in at risk)',
    )
  })
})

test('reasons, those that are not known yet too', () => {
  expect(reasonInWords({ type: 'upstream_changed', upstream: 'model/shop/customers' })).toBe(
    'model/shop/customers changed',
  )
  expect(reasonInWords({ type: 'moon_is_full' })).toBe('moon is full')
})

test('many reasons are counted', () => {
  const reasons = Array.from({ length: 6 }, () => ({ type: 'forced' }))
  expect(reasonsInWords(reasons.slice(0, 4))).toBe('forced; forced; forced; forced')
  expect(reasonsInWords(reasons)).toBe('forced; forced; forced; and 3 more')
})

test('a template falls into text and variables', () => {
  const parts = templateParts({
    type: 'template',
    template: 'Hi {{ who }}, you spent ${{ spent | round: 2 }}.',
    variables: { who: { type: 'key' }, spent: { type: 'trait', trait: 'trait/lifetime_value' } },
  })
  expect(parts).toEqual([
    { text: 'Hi ', variable: null },
    { text: 'who', variable: { type: 'key' } },
    { text: ', you spent $', variable: null },
    { text: 'spent | round: 2', variable: { type: 'trait', trait: 'trait/lifetime_value' } },
    { text: '.', variable: null },
  ])
})

test('lists', () => {
  expect(listed([], 'or')).toBe('')
  expect(listed(['a'], 'or')).toBe('a')
  expect(listed(['a', 'b', 'c'], 'or')).toBe('a, b or c')
})
