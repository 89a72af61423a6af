import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnTypes, type ColumnType, type StreamFieldSpec } from '../contract/index.ts'
import { suggestMapping, type Candidate } from './suggest.ts'

const field = (name: string, type: ColumnType = 'text'): StreamFieldSpec => ({ name, type, required: true })
const column = (name: string, type: ColumnType = 'text'): Candidate => ({
  ...{ name, type, value: { type: 'column', asset: 'source/people', column: name, of: type } },
})
const key: Candidate = { name: 'customer_id', type: 'text', value: { type: 'key' } }

const best = (fields: readonly StreamFieldSpec[], candidates: readonly Candidate[], keys: readonly string[] = []) =>
  suggestMapping({ fields, key: keys }, candidates).map(
    ({ field: of, candidate, score, reasons }) => `${of} <- ${candidate.name} ${score} ${reasons.join(', ')}`,
  )

test('names are told whichever way they are written, and by what they usually mean', () => {
  const people = [column('e_mail'), column('mobile'), column('lifetimeValue', 'number'), column('zip'), column('notes')]
  expect(
    best([field('email'), field('Phone'), field('lifetime_value', 'number'), field('postal_code')], people),
  ).toEqual([
    'email <- e_mail 0.95 same_words, type_fits',
    'Phone <- mobile 0.85 same_meaning, type_fits',
    'lifetime_value <- lifetimeValue 0.95 same_words, type_fits',
    'postal_code <- zip 0.85 same_meaning, type_fits',
  ])
})

test('the better of several comes first, a type that needs a cast behind one that fits', () => {
  const people = [column('order_total', 'text'), column('total', 'number'), column('total_orders', 'integer')]
  expect(best([field('total', 'number')], people)).toEqual([
    'total <- total 1 same_name, type_fits',
    'total <- total_orders 0.35 shared_words, type_fits',
  ])
  expect(best([field('order_total', 'number')], people)[0]).toBe('order_total <- order_total 0.8 same_name, needs_cast')
})

test('the stream’s key is the entity’s, whatever the two are called', () => {
  expect(best([field('external_id')], [column('external_id'), key], ['external_id'])).toEqual([
    'external_id <- customer_id 1 key, type_fits',
    'external_id <- external_id 0.5 same_name, type_fits',
  ])
})

test('names that have nothing in common are never suggested, and scores fall', () => {
  expect(best([field('email')], [column('tier'), column('score', 'number')])).toEqual([])
  const anyName = fc.stringMatching(/^[a-z]{1,4}(_[a-z]{1,4})?$/)
  const anyType = fc.constantFrom(...columnTypes)
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(anyName, anyType), { maxLength: 6, selector: ([name]) => name }),
      fc.uniqueArray(fc.tuple(anyName, anyType), { maxLength: 8 }),
      (fields, columns) => {
        const made = suggestMapping(
          { fields: fields.map(([name, type]) => field(name, type)), key: [] },
          columns.map(([name, type]) => column(name, type)),
        )
        for (const { score } of made) expect(score > 0 && score <= 1).toBe(true)
        for (const [name] of fields) {
          const scores = made.filter((one) => one.field === name).map(({ score }) => score)
          expect(scores.length).toBeLessThanOrEqual(3)
          expect(scores).toEqual(scores.toSorted((a, b) => b - a))
        }
      },
    ),
  )
})
