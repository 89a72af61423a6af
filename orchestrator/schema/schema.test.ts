import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { isAssetKey, type Predicate } from '../contract/index.ts'
import * as schemas from './index.ts'

const predicate = fc.letrec<{ node: Predicate }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.constant<Predicate>({ op: 'compare', trait: 'trait/a', test: { is: 'in', values: ['x', 1, true] } }),
    fc.constant<Predicate>({ op: 'compare', trait: 'trait/a', test: { is: 'between', from: 0, to: 1.5 } }),
    fc.constant<Predicate>({ op: 'in_audience', audience: 'audience/b' }),
    fc.array(tie('node'), { maxLength: 3 }).map((of): Predicate => ({ op: 'all', of })),
    fc.array(tie('node'), { maxLength: 3 }).map((of): Predicate => ({ op: 'any', of })),
    tie('node').map((of): Predicate => ({ op: 'not', of })),
  ),
})).node

test('a predicate survives JSON and its schema', () => {
  fc.assert(
    fc.property(predicate, (value) => {
      expect(schemas.predicateSchema.parse(JSON.parse(JSON.stringify(value)))).toEqual(value)
    }),
  )
})

test('what is no predicate is refused, with its place', () => {
  const refused = schemas.predicateSchema.safeParse({
    op: 'all',
    of: [{ op: 'compare', trait: 'ltv', test: { is: 'gt', value: 1 } }],
  })
  expect(refused.error?.issues[0]?.path).toEqual(['of', 0, 'trait'])
  expect(schemas.predicateSchema.safeParse({ op: 'or', of: [] }).success).toBe(false)
  expect(schemas.testSchema.safeParse({ is: 'between', from: '0', to: 1 }).success).toBe(false)
})

test('keys are as the contract reads them', () => {
  const text = fc.oneof(
    fc.constantFrom(
      'trait/a',
      'model/shop/x_1',
      'trait/',
      'trait/A',
      'traits/a',
      'trait//a',
      '/a',
      'a',
      'user_model/u',
      'trait/a/',
    ),
    fc.stringMatching(/^[a-z_]{1,8}\/[a-z0-9_/]{0,5}$/),
  )
  fc.assert(fc.property(text, (key) => schemas.assetKeySchema.safeParse(key).success === isAssetKey(key)))
})

test('a manifest of a later format is refused', () => {
  const empty = {
    format: 1,
    project: 'p',
    timeZone: 'UTC',
    asOf: null,
    schema: 'traitline_p',
    entities: [],
    dbtProjects: [],
    destinations: [],
    assets: [],
  }
  expect(schemas.manifestSchema.parse(empty)).toEqual(empty)
  expect(schemas.manifestSchema.safeParse({ ...empty, format: 2 }).success).toBe(false)
})

test('every schema can be written as JSON Schema, for OpenAPI', () => {
  for (const [name, schema] of Object.entries(schemas)) {
    expect(() => z.toJSONSchema(schema), name).not.toThrow()
  }
})
