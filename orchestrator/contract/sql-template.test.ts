import { expect, test } from 'vitest'
import { templateText } from './index.ts'

test('a template is text with names of tables, and null for what belongs to a partition', () => {
  const strings = ['select 1 from ', ' where a >=  and b < ']
  const values = [
    { string: 1, offset: ' where a >= '.length, value: 'start', dimension: null },
    { string: 1, offset: ' where a >=  and b < '.length, value: 'end', dimension: null },
  ] as const
  expect(templateText({ strings, refs: ['source/s'], values }, (key) => `<${key}>`)).toBe(
    'select 1 from <source/s> where a >= null and b < null',
  )
})
