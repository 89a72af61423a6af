import { expect, test } from 'vitest'
import { withoutValues } from './without-values.ts'

test.each([
  ['Key (email)=(ada@example.com) already exists.', 'Key (email)=(...) already exists.'],
  ['Key (a, b)=(1, (2)) is duplicated.', 'Key (a, b)=(...) is duplicated.'],
  ['DETAIL:  Failing row contains (1, Ada (of London), null).', 'DETAIL:  Failing row contains (...).'],
  ['invalid input syntax for type integer: "4711x"', 'invalid input syntax for type integer: "..."'],
  [
    "Conversion Error: Could not convert string 'ada' to INT32",
    "Conversion Error: Could not convert string '...' to INT32",
  ],
  [
    'Constraint Error: Duplicate key "email: ada" violates unique',
    'Constraint Error: Duplicate key "email: ..." violates unique',
  ],
  ['Referenced column "spent" not found in FROM clause!', 'Referenced column "spent" not found in FROM clause!'],
  ['column "spent" of "w"."s"."t" does not exist', 'column "spent" of "w"."s"."t" does not exist'],
  ['Casting value "1000.5" to type DECIMAL(3,2) failed', 'Casting value ... to type DECIMAL(3,2) failed'],
  ["Type INT64 with value 70000 can't be cast", "Type INT64 with value ... can't be cast"],
  ['mail to grace.hopper@navy.example.mil failed', 'mail to ...@... failed'],
  ['\u001b[31mERROR\u001b[0m in model', 'ERROR in model'],
])('%s', (text, expected) => {
  expect(withoutValues(text)).toBe(expected)
})

test('only the first lines are kept, and not without end', () => {
  expect(withoutValues('a\n\n  b\nc\nd', { lines: 3 })).toBe('a\n  b\nc')
  expect(withoutValues('x'.repeat(2_000), { length: 10 })).toBe('xxxxxxx...')
})
