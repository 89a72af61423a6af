import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../contract/index.ts'
import { normalizedCode, normalizedSql } from './sql-text.ts'

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

test('the case of what is not quoted and space beside signs change nothing either', () => {
  const same = normalizedCode("select a, count(*) as n from t where x >= 'It' group by a")
  expect(normalizedCode("SELECT A ,count( * ) AS N\nFROM T WHERE x>='It' GROUP BY a")).toBe(same)
  expect(normalizedCode("select a, count(*) as n from t where x >= 'it' group by a")).not.toBe(same)
  expect(normalizedCode('select "A"')).not.toBe(normalizedCode('select "a"'))
  expect(normalizedCode("select 'a' 'b'")).not.toBe(normalizedCode("select 'a''b'"))
  expect(normalizedCode(String.raw`select E'it\'s A'`)).not.toBe(normalizedCode(String.raw`select E'it\'s a'`))
  expect(normalizedCode('select ab')).not.toBe(normalizedCode('select a b'))
})

test('templates of dbt are kept as they are, and its comments are none of the code', () => {
  const same = normalizedCode("select '{{ var('X') }}' from {{ ref('A') }} {# why #} where b")
  expect(normalizedCode("SELECT '{{ var('X') }}' FROM {{ ref('A') }} WHERE b -- because")).toBe(same)
  expect(normalizedCode("select '{{ var('x') }}' from {{ ref('A') }} where b")).not.toBe(same)
  expect(normalizedCode("select '{{ var('X') }}' from {{ ref('a') }} where b")).not.toBe(same)
  // It may set something, or call a macro.
  expect(normalizedCode('select 1 -- {% set x = 2 %}')).not.toBe(normalizedCode('select 1'))
})

test('normalised once is normalised', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'B', ' ', '\n', "'", '"', '--', '/*', '*/', '(', ',', '=', '{{', '}}', '$$')),
      (parts) => {
        const once = normalizedCode(parts.join(''))
        expect(normalizedCode(once)).toBe(once)
      },
    ),
  )
})
