import { expect, test } from 'vitest'
import { compile } from './compile.ts'
import { compileTemplate } from './template.ts'

const compiled = (...strings: string[]) =>
  compile(
    compileTemplate({ strings, refs: strings.slice(1).map(() => 'source/a' as const) }, () => ({
      schema: 's',
      name: 'a',
    })),
  ).text

test('references become relations, and the whole stands in parentheses', () => {
  expect(compiled('select 1 from ', ' join ', ' using (id)')).toBe(
    '(\nselect 1 from "s"."a" join "s"."a" using (id)\n)',
  )
})

test('a semicolon at the end goes, with comments behind it; one within a text stays', () => {
  expect(compiled('select 1 ; ')).toBe('(\nselect 1\n)')
  expect(compiled('select 1; -- one\n-- two\n')).toBe('(\nselect 1\n)')
  expect(compiled('select 1 -- one')).toBe('(\nselect 1 -- one\n)')
  expect(compiled("select ';--'")).toBe("(\nselect ';--'\n)")
  expect(compiled(`select 1; ${'-'.repeat(5_000)}'`)).toContain("-'")
})
