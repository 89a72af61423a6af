import { expect, test } from 'vitest'
import { withoutRows, withoutValues } from './without-values.ts'

test.each([
  ['Key (email)=(ada@example.com) already exists.', 'Key (email)=(...) already exists.'],
  ['Key (a, b)=(1, (2)) is duplicated.', 'Key (a, b)=(...) is duplicated.'],
  ['DETAIL:  Failing row contains (1, Ada (of London), null).', 'DETAIL:  Failing row contains (...).'],
  ['invalid input syntax for type integer: "4711x"', 'invalid input syntax for type integer: "..."'],
  [
    "Conversion Error: Could not convert string 'ada' to INT32",
    'Conversion Error: a value could not be converted to INT32',
  ],
  [
    'Constraint Error: Duplicate key "email: ada" violates unique',
    'Constraint Error: Duplicate key "email: ..." violates unique',
  ],
  ['Referenced column "spent" not found in FROM clause!', 'Referenced column "spent" not found in FROM clause!'],
  ['column "spent" of "w"."s"."t" does not exist', 'column "spent" of "w"."s"."t" does not exist'],
  [
    'null value in column "email" of relation "people" violates not-null constraint',
    'null value in column "email" of relation "people" violates not-null constraint',
  ],
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

/** As DuckDB 1.5 and PostgreSQL 18 word them. */
test.each([
  'Conversion Error: invalid timestamp field format: "canary", expected format is (YYYY-MM-DD HH:MM:SS[.US])',
  'Conversion Error: invalid date field format: "canary", expected format is (YYYY-MM-DD)',
  'Conversion Error: Could not convert string "canary" to DECIMAL(18,3)',
  'Invalid Input Error: Malformed JSON at byte 0 of input: unexpected character.  Input: "canary"',
  'Invalid Input Error: Could not parse string "canary" according to format specifier "%Y-%m-%d"\ncanary\n^\nError: Failed to parse',
  'Could not parse string "canary" according to format specifier "%Y-%m-%d"',
  'Invalid Input Error: canary',
  'Invalid Input Error: missing ): (canary',
  "Runtime Error in model customers (models/customers.sql)\n  Conversion Error: Could not convert string 'canary' to INT32\n\n  LINE 1: select canary\n                 ^",
  'invalid input syntax for type json\nDETAIL:  Token "canary" is invalid.\nCONTEXT:  JSON data, line 1: canary',
  'invalid input syntax for type date: "canary"',
  'date/time field value out of range: "canary"',
  'time data "canary" does not match format',
])('no value of a row is left of: %s', (text) => {
  expect(withoutValues(text)).not.toContain('canary')
  expect(withoutValues(text)).not.toBe('')
})

test('after what an engine says of data, the words of dbt go on', () => {
  const said =
    "Runtime Error in model a (models/a.sql)\n  Conversion Error: Could not convert string 'x' to INT32\n  LINE 1: x\n  compiled code at target/run/a.sql"
  expect(withoutValues(said)).toBe(
    'Runtime Error in model a (models/a.sql)\n  Conversion Error: a value could not be converted to INT32\n  compiled code at target/run/a.sql',
  )
})

test.each([
  ['bad record {"email":"canary@example.com","n":[1,2]} in batch 3', 'bad record {...} in batch 3'],
  ["KeyError: 'canary'", "KeyError: '...'"],
  ['customer 4711000815 refused', 'customer ... refused'],
  ['row ["canary", 1] has 2 fields, 3 expected', 'row {...} has 2 fields, 3 expected'],
  ['relation "public.people" does not exist', 'relation "public.people" does not exist'],
  ['Wrote 120 rows to people in 3.5 s', 'Wrote 120 rows to people in 3.5 s'],
])('of a connector: %s', (text, expected) => {
  expect(withoutRows(text)).toBe(expected)
})
