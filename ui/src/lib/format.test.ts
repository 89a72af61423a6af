import { describe, expect, test } from 'vitest'
import {
  formatAgo,
  formatCompact,
  formatDuration,
  formatNumber,
  formatPercent,
  formatTime,
  humanize,
  plural,
  shortHash,
  shortRun,
} from './format.ts'

describe('numbers', () => {
  test.each([
    [0, '0'],
    [0.5, '0.5'],
    [0.12345, '0.1235'],
    [12.345, '12.35'],
    [123.456, '123.5'],
    [23569.7, '23,570'],
    [-4.5, '-4.5'],
    [1e-7, '1.00e-7'],
    [2e15, '2.00e+15'],
  ])('%d reads %s', (value, text) => expect(formatNumber(value)).toBe(text))

  test('counts are exact until they would be too wide', () => {
    expect(formatCompact(9_999)).toBe('9,999')
    expect(formatCompact(23_570)).toBe('23.6K')
    expect(formatCompact(1_250_000)).toBe('1.3M')
  })

  test('shares never claim nothing where there is something', () => {
    expect(formatPercent(0, 10)).toBe('0 %')
    expect(formatPercent(1, 100_000)).toBe('< 0.1 %')
    expect(formatPercent(1, 30)).toBe('3.3 %')
    expect(formatPercent(1, 2)).toBe('50 %')
    expect(formatPercent(1, 0)).toBe('0 %')
  })

  test('plurals', () => {
    expect(plural(1, 'row')).toBe('1 row')
    expect(plural(2_000, 'row')).toBe('2,000 rows')
    expect(plural(0, 'entry', 'entries')).toBe('0 entries')
  })
})

describe('times', () => {
  test.each([
    [0, '0 ms'],
    [840.4, '840 ms'],
    [12_400, '12.4 s'],
    [59_960, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [7_800_000, '2 h 10 min'],
    [273_600_000, '3 d 4 h'],
    [-3, '0 ms'],
  ])('%d ms last %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

  test.each([
    [-5_000, 'just now'],
    [4_000, 'just now'],
    [42_000, '42 s ago'],
    [90_000, '2 min ago'],
    [5 * 3_600_000, '5 h ago'],
    [3 * 86_400_000, '3 d ago'],
    [100 * 86_400_000, '3 months ago'],
  ])('%d ms before', (ms, text) => expect(formatAgo(1_000_000_000_000 - ms, 1_000_000_000_000)).toBe(text))

  test('a time in a zone', () => {
    expect(formatTime('2026-03-01T12:00:00Z', 'America/New_York')).toBe('1 Mar 2026, 07:00:00')
  })
})

test('names', () => {
  expect(humanize('lifetime_value')).toBe('Lifetime value')
  expect(shortRun('019c2f3a-1111-7000-8000-00000000abcd')).toBe('0000abcd')
  expect(shortRun('run-1')).toBe('run-1')
  expect(shortHash('sum128:0123456789abcdef')).toBe('0123456789')
})
