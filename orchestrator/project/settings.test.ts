import { expect, test } from 'vitest'
import { project } from '../define/index.ts'
import { createProblems } from './problems.ts'
import { instant, projectSettings } from './settings.ts'

test.each([
  ['1998-07-01T00:00:00Z', '1998-07-01T00:00:00Z'],
  ['1998-07-01T02:00+02:00', '1998-07-01T00:00:00Z'],
  ['2024-02-29T23:59:59.5-00:30', '2024-03-01T00:29:59.500Z'],
  ['1998-07-01', undefined],
  ['1998-07-01T00:00:00', undefined],
  ['2023-02-29T00:00:00Z', undefined],
  ['2023-04-31T00:00:00Z', undefined],
  ['yesterday', undefined],
])('%s is the instant %s', (text, expected) => {
  expect(instant(text)).toBe(expected)
})

test.each([
  ['Europe/Berlin', 0],
  ['UTC', 0],
  ['America/Argentina/Buenos_Aires', 0],
  ['Mars/Olympus', 1],
  ['+02:00', 1],
  ['', 1],
])('time zone "%s"', (timeZone, count) => {
  const problems = createProblems()
  projectSettings(project('p', { timeZone, assets: [] }), problems, (at) => at)
  expect(problems.list).toHaveLength(count)
})
