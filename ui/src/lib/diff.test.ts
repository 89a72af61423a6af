import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffLines } from './diff.ts'

test('a changed line is removed and added, the others stay', () => {
  expect(diffLines('a\nb\nc', 'a\nx\nc')).toEqual([
    { type: 'same', text: 'a' },
    { type: 'removed', text: 'b' },
    { type: 'added', text: 'x' },
    { type: 'same', text: 'c' },
  ])
})

test('both texts can be read back', () => {
  const texts = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const lines = diffLines(before, after)
      const side = (without: string) => lines.filter(({ type }) => type !== without).map(({ text }) => text)
      expect(side('added').join('\n')).toBe(before)
      expect(side('removed').join('\n')).toBe(after)
    }),
  )
})

test('very long texts are shown as replaced', () => {
  const long = Array.from({ length: 600 }, (_, at) => String(at)).join('\n')
  expect(diffLines(long, `${long}\nmore`).every(({ type }) => type !== 'same')).toBe(true)
})
