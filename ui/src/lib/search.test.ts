import { expect, test } from 'vitest'
import { flag, oneOf, positive, text } from './search.ts'

test('what does not fit is as good as not there', () => {
  expect([text('a'), text(12), text(''), text(null), text({})]).toEqual(['a', '12', undefined, undefined, undefined])
  expect([oneOf('b', ['a', 'b']), oneOf('c', ['a', 'b'])]).toEqual(['b', undefined])
  expect([positive(3), positive('3'), positive(0), positive('x'), positive(1.5)]).toEqual([
    3,
    3,
    undefined,
    undefined,
    undefined,
  ])
  expect([flag(true), flag('true'), flag(false), flag('yes')]).toEqual([true, true, undefined, undefined])
})
