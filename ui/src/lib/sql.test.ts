import { expect, test } from 'vitest'
import { dedent, sqlParts, sqlText } from './sql.ts'

const template = {
  strings: ["\n    select id, 'from' as value -- the key\n      from ", ' as p\n  '],
  refs: ['source/purchases' as const],
}

test('keywords, strings, comments and references are told apart', () => {
  expect(sqlParts(template)).toEqual([
    { type: 'keyword', text: 'select' },
    { type: 'text', text: ' id, ' },
    { type: 'string', text: "'from'" },
    { type: 'text', text: ' ' },
    { type: 'keyword', text: 'as' },
    { type: 'text', text: ' value ' },
    { type: 'comment', text: '-- the key' },
    { type: 'text', text: '\n  ' },
    { type: 'keyword', text: 'from' },
    { type: 'text', text: ' ' },
    { type: 'ref', key: 'source/purchases' },
    { type: 'text', text: ' ' },
    { type: 'keyword', text: 'as' },
    { type: 'text', text: ' p' },
  ])
})

test('as one text', () => {
  expect(sqlText(template)).toBe("select id, 'from' as value -- the key\n  from source/purchases as p")
})

test('indentation goes, relative indentation stays', () => {
  expect(dedent('one line')).toBe('one line')
  expect(dedent('\n    a\n      b\n\n    c\n')).toBe('a\n  b\n\nc')
  expect(dedent('select a\n    from b')).toBe('select a\nfrom b')
})
