import { describe, expect, test } from 'vitest'
import { barOf, tickLabel, ticks, timeRange } from './timeline.ts'

const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1000).toISOString()
const row = (start: number | null, end: number | null) => ({
  startedAt: start === null ? null : at(start),
  endedAt: end === null ? null : at(end),
})

describe('timeRange', () => {
  test('before anything began', () => {
    expect(timeRange([row(null, null)], row(null, null), 0)).toBeNull()
  })
  test('while it runs it reaches to now', () => {
    const now = Date.parse(at(30))
    expect(timeRange([row(1, 4), row(2, null)], row(0, null), now)).toEqual({ start: Date.parse(at(0)), end: now })
  })
  test('an ended run ends with its last row, and what never ended does not stretch it', () => {
    const range = timeRange([row(1, 4), row(2, null)], row(0, 5), Date.parse(at(1000)))
    expect(range).toEqual({ start: Date.parse(at(0)), end: Date.parse(at(5)) })
  })
})

describe('ticks', () => {
  test.each([
    [12_000, 6, [0, 2000, 4000, 6000, 8000, 10_000, 12_000]],
    [800, 5, [0, 200, 400, 600, 800]],
    [1, 5, [0, 1]],
  ])('%d ms with at most %d', (length, most, marks) => expect(ticks(length, most)).toEqual(marks))

  test('years have few marks too', () => expect(ticks(10 * 365 * 86_400_000, 8).length).toBeLessThanOrEqual(9))

  test.each([
    [0, '0'],
    [500, '500 ms'],
    [5_000, '5 s'],
    [90_000, '1:30'],
    [7_500_000, '2 h 05'],
  ])('%d reads %s', (offset, label) => expect(tickLabel(offset)).toBe(label))
})

test('bars lie within the axis and can be seen', () => {
  const range = { start: Date.parse(at(0)), end: Date.parse(at(100)) }
  expect(barOf(row(null, null), range, range.end)).toBeNull()
  expect(barOf(row(25, 75), range, range.end)).toEqual({ left: 25, width: 50 })
  expect(barOf(row(100, 100), range, range.end)).toEqual({ left: 99.6, width: 0.4 })
  expect(barOf(row(50, null), range, Date.parse(at(60)))).toEqual({ left: 50, width: 10 })
})
