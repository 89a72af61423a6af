import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from './hash.ts'
import { normalizedSql } from './sql-text.ts'

test('canonical JSON is JSON, whatever the order of names', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
  expect(canonicalJson({ b: 1, a: { d: undefined, c: [undefined, 2] } })).toBe('{"a":{"c":[null,2]},"b":1}')
})

const sql = (text: string): string =>
  normalizedSql({
    strings: text.split('@'),
    refs: text
      .split('@')
      .slice(1)
      .map(() => 'source/s'),
  })

test('space and comments change nothing, quoted text does', () => {
  const same = sql(`select a, 'it''s -- no   comment' as "b  /* c */" from @ where x`)
  expect(
    sql(`  select a, -- 'the a\n\t'it''s -- no   comment' as "b  /* c */"\nfrom /* a\n table */ @   where x\n`),
  ).toBe(same)
  expect(sql(`select a, 'it''s -- no comment' as "b  /* c */" from @ where x`)).not.toBe(same)
  expect(same).toContain('${source/s}')
  expect(sql('select $$  -- kept $$ from @')).toBe('select $$  -- kept $$ from ${source/s}')
})
