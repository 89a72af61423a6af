import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PartitionDimension, PartitionsSpec, TimeDimension } from '../../contract/index.ts'
import { partitionUnits } from '../../contract/index.ts'
import {
  complementOf,
  defaultMapping,
  mapPartition,
  numbersIn,
  openPartitioning,
  selectPartitions,
  setOf,
  sizeOf,
  writeSelection,
} from './index.ts'
import { unitMinutes, windowsOf } from '../calendar/index.ts'

const time = (every: TimeDimension['every'], options: Partial<TimeDimension> = {}): TimeDimension => ({
  type: 'time',
  name: 'time',
  every,
  start: '2026-01-01',
  end: null,
  timeZone: 'UTC',
  offsetMinutes: 0,
  ...options,
})
const open = (dimensions: readonly PartitionDimension[], now: string, dynamic = {}) =>
  openPartitioning({ dimensions }, { now: Date.parse(now), dynamic })
const keys = (dimension: TimeDimension, from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => windowsOf(dimension).keyOf(from + at))
const hours = (dimension: TimeDimension, key: string) => {
  const windows = windowsOf(dimension)
  const n = windows.numberOf(key)!
  return (windows.startOf(n + 1) - windows.startOf(n)) / 3_600_000
}

describe('time', () => {
  test('days are as long as local clocks make them', () => {
    const berlin = time('day', { timeZone: 'Europe/Berlin' })
    expect(['2026-03-28', '2026-03-29', '2026-10-25', '2026-10-26'].map((key) => hours(berlin, key))).toEqual([
      24, 23, 25, 24,
    ])
    expect(new Date(windowsOf(berlin).startOf(0)).toISOString()).toBe('2025-12-31T23:00:00.000Z')
    expect(hours(time('month', { timeZone: 'America/New_York' }), '2026-11')).toBe(30 * 24 + 1)
  })

  test('an hour that comes twice has two keys, one that is left out has none', () => {
    const berlin = time('hour', { timeZone: 'Europe/Berlin', start: '2026-10-25' })
    expect(keys(berlin, 0, 5)).toEqual([
      '2026-10-25T00:00',
      '2026-10-25T01:00',
      '2026-10-25T02:00+02:00',
      '2026-10-25T02:00+01:00',
      '2026-10-25T03:00',
    ])
    expect(windowsOf(berlin).numberOf('2026-10-25T02:00')).toBeNull()
    expect(windowsOf(berlin).numberOf('2026-10-25T02:00+01:00')).toBe(3)
    expect(windowsOf(berlin).numberOf('2026-10-25T01:00+02:00')).toBeNull()
    const spring = time('hour', { timeZone: 'Europe/Berlin', start: '2026-03-29' })
    expect(keys(spring, 1, 3)).toEqual(['2026-03-29T01:00', '2026-03-29T03:00'])
    expect(windowsOf(spring).numberOf('2026-03-29T02:00')).toBeNull()
  })

  test('midnight where it is left out, where it comes twice, and a day that was left out', () => {
    const beirut = time('day', { timeZone: 'Asia/Beirut', start: '2022-03-26' })
    expect(new Date(windowsOf(beirut).startOf(1)).toISOString()).toBe('2022-03-26T22:00:00.000Z')
    expect(hours(beirut, '2022-03-27')).toBe(23)
    const havana = time('day', { timeZone: 'America/Havana', start: '2022-11-01' })
    expect(hours(havana, '2022-11-06')).toBe(25)
    const apia = time('day', { timeZone: 'Pacific/Apia', start: '2011-12-28' })
    expect(['2011-12-29', '2011-12-30', '2011-12-31'].map((key) => hours(apia, key))).toEqual([24, 0, 24])
  })

  test('weeks begin on Monday, or later; months and days with an offset', () => {
    expect(keys(time('week'), 0, 2)).toEqual(['2026-01-05', '2026-01-12'])
    const sunday = time('week', { offsetMinutes: 6 * 24 * 60 })
    expect(keys(sunday, 0, 2)).toEqual(['2026-01-04', '2026-01-11'])
    expect(windowsOf(sunday).numberOf('2026-01-05')).toBeNull()
    const late = time('day', { offsetMinutes: 360 })
    expect(keys(late, 0, 1)).toEqual(['2026-01-01'])
    expect(new Date(windowsOf(late).startOf(0)).toISOString()).toBe('2026-01-01T06:00:00.000Z')
    const kolkata = time('hour', { timeZone: 'Asia/Kolkata' })
    expect(keys(kolkata, 0, 1)).toEqual(['2026-01-01T00:00'])
  })

  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'America/Sao_Paulo',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
  ]
  const dimensions = fc
    .record({
      every: fc.constantFrom(...partitionUnits),
      timeZone: fc.constantFrom(...zones, 'America/Havana', 'Africa/Casablanca', 'Pacific/Apia'),
      day: fc.date({ min: new Date('2005-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
      offset: fc.nat(),
    })
    .map(({ every, timeZone, day, offset }) =>
      time(every, {
        timeZone,
        start: day.toISOString().slice(0, 10),
        offsetMinutes: offset % 3 === 0 ? offset % unitMinutes[every] : 0,
      }),
    )

  test('windows tile time, each instant is in the window that says so, and keys and numbers are one', () => {
    fc.assert(
      fc.property(
        dimensions,
        fc.nat(3_000),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (dimension, n, share) => {
          const windows = windowsOf(dimension)
          const [start, end] = [windows.startOf(n), windows.startOf(n + 1)]
          expect(end).toBeGreaterThanOrEqual(start)
          if (end > start) {
            expect(windows.at(start)).toBe(n)
            expect(windows.at(end - 1)).toBe(n)
            expect(windows.at(start + Math.floor((end - start) * share))).toBe(n)
          }
          expect(windows.numberOf(windows.keyOf(n))).toBe(n)
          expect(windows.keyOf(n)).not.toBe(windows.keyOf(n + 1))
        },
      ),
      { numRuns: 400 },
    )
  })

  test('a window is a partition once it has ended, and none begins after the end', () => {
    const days = [time('day', { timeZone: 'America/New_York' })]
    expect(open(days, '2026-01-02T04:59:59Z').count).toBe(0)
    expect(open(days, '2026-01-02T05:00:00Z').count).toBe(1)
    expect(open(days, '2025-01-02T05:00:00Z').count).toBe(0)
    expect(open([time('day', { end: '2026-01-04' })], '2027-01-01T00:00:00Z').count).toBe(3)
    expect(open([time('hour', { end: '2026-01-01T02:30' })], '2027-01-01T00:00:00Z').count).toBe(3)
    expect(open(days, '2026-01-02T05:00:00Z').view(0)).toEqual({
      key: '2026-01-01',
      window: { start: '2026-01-01T05:00:00Z', end: '2026-01-02T05:00:00Z' },
      dimensions: {
        time: { key: '2026-01-01', window: { start: '2026-01-01T05:00:00Z', end: '2026-01-02T05:00:00Z' } },
      },
    })
  })

  test('200,000 hours are numbered at once, and their keys soon', () => {
    const began = performance.now()
    const partitioning = open(
      [time('hour', { start: '2003-01-01', timeZone: 'Europe/Berlin' })],
      '2026-01-01T00:00:00Z',
    )
    expect(partitioning.count).toBeGreaterThan(200_000)
    const counted = performance.now()
    let last = ''
    for (let n = 0; n < partitioning.count; n++) last = partitioning.keyOf(n)
    console.log(
      `counted in ${(counted - began).toFixed(1)} ms, named in ${(performance.now() - counted).toFixed(0)} ms`,
    )
    expect(last).toBe('2026-01-01T00:00')
  })
})

const country: PartitionDimension = { type: 'static', name: 'country', keys: ['de', 'fr', 'it'] }

describe('many dimensions', () => {
  const partitioning = open(
    [time('day'), country, { type: 'dynamic', name: 'shop', set: 'shops' }],
    '2026-01-04T00:00:00Z',
    { shops: ['a', 'b'] },
  )

  test('keys and numbers are one, the last dimension fastest', () => {
    expect(partitioning.count).toBe(18)
    const all = Array.from({ length: 18 }, (_, n) => partitioning.keyOf(n))
    expect(all.slice(0, 3)).toEqual(['2026-01-01|de|a', '2026-01-01|de|b', '2026-01-01|fr|a'])
    expect(all.map((key) => partitioning.numberOf(key))).toEqual(all.map((_, n) => n))
    for (const key of ['2026-01-04|de|a', '2025-12-31|de|a', '2026-01-01|es|a', '2026-01-01|de', ''])
      expect(partitioning.numberOf(key)).toBe(-1)
    expect(partitioning.positionOf(5)).toBe(Date.parse('2026-01-01'))
    expect(partitioning.positionOf(6)).toBe(Date.parse('2026-01-02'))
  })

  test('are selected dimension by dimension', () => {
    const select = (selection: string) =>
      [...numbersIn(selectPartitions('trait/x', selection, partitioning))].map((n) => partitioning.keyOf(n))
    expect(select('time=2026-01-02,country=de,fr,shop=a')).toEqual(['2026-01-02|de|a', '2026-01-02|fr|a'])
    expect(select('latest')).toHaveLength(6)
    expect(select('2026-01-02..')).toHaveLength(12)
    expect(select('all')).toHaveLength(18)
    expect(select('shop=b,country=it')).toEqual(['2026-01-01|it|b', '2026-01-02|it|b', '2026-01-03|it|b'])
    expect(select('2026-01-01|de|a,2026-01-03|it|b')).toHaveLength(2)
    expect(() => select('planet=mars')).toThrow(/no dimension for planet/)
    expect(() => select('2026-01-01|de')).toThrow(/no partition 2026-01-01\|de/)
  })
})

describe('selection', () => {
  const select = (selection: string, every: TimeDimension['every'] = 'day') => {
    const partitioning = open([time(every, { timeZone: 'Europe/Berlin' })], '2026-11-25T00:00:00Z')
    return writeSelection(selectPartitions('trait/x', selection, partitioning), partitioning)
  }

  test('keys, ranges and times of other units', () => {
    expect(select('2026-02-01')).toBe('2026-02-01')
    expect(select('2026-01-30..2026-02-02')).toBe('2026-01-30..2026-02-02')
    expect(select('2026-02')).toBe('2026-02-01..2026-02-28')
    expect(select('2026-02..2026-03,2026-03-31..2026-04-01')).toBe('2026-02-01..2026-04-01')
    expect(select('2026-11-20..')).toBe('2026-11-20..2026-11-24')
    expect(select('..2026-01-02')).toBe('2026-01-01..2026-01-02')
    expect(select('2025-01-01..2026-01-02')).toBe('2026-01-01..2026-01-02')
    expect(select('latest')).toBe('2026-11-24')
    expect(select('2026-03-29', 'hour')).toBe('2026-03-29T00:00..2026-03-29T23:00')
    expect(select('2026-01-08', 'week')).toBe('2026-01-05')
    expect(select('2026-02-01..2026-03-01', 'month')).toBe('2026-02..2026-03')
  })

  test('what is none says what there is', () => {
    for (const none of ['2026-11-25', '2025-12-31', '2026-02-30', 'de', '', 'a..b..c', '2026-13']) {
      expect(() => select(none)).toThrow(expect.objectContaining({ code: 'PARTITION_UNKNOWN' }) as Error)
    }
    expect(() => select('2026-12-01..')).toThrow(expect.objectContaining({ code: 'PARTITION_EMPTY' }) as Error)
  })

  test('a written set is read as the same set', () => {
    const partitioning = open([time('day')], '2026-06-01T00:00:00Z')
    fc.assert(
      fc.property(fc.array(fc.nat(partitioning.count - 1), { minLength: 1 }), (numbers) => {
        const set = setOf(numbers)
        expect([...numbersIn(set)]).toEqual([...new Set(numbers)].sort((a, b) => a - b))
        expect(selectPartitions('trait/x', writeSelection(set, partitioning), partitioning)).toEqual(set)
        expect(sizeOf(set) + sizeOf(complementOf(set, partitioning.count))).toBe(partitioning.count)
      }),
    )
  })
})

describe('mappings', () => {
  const now = '2026-11-25T00:00:00Z'
  const read = (
    own: PartitionsSpec,
    upstream: PartitionsSpec,
    key: string,
    mapping = defaultMapping(own, upstream, 'trait'),
  ) => {
    if ('reason' in mapping) throw new Error(String(mapping.reason))
    const [mine, theirs] = [own, upstream].map(({ dimensions }) => open(dimensions, now))
    const { set, lacking } = mapPartition(mapping as never, { partitioning: mine!, n: mine!.numberOf(key) }, theirs!)
    return [...[...numbersIn(set)].map((n) => theirs!.keyOf(n)), ...lacking]
  }
  const daily = { dimensions: [time('day', { timeZone: 'Europe/Berlin' })] }
  const hourly = { dimensions: [time('hour', { timeZone: 'Europe/Berlin' })] }

  test('the same key, all hours of the day, the day that holds the hour', () => {
    expect(
      read(daily, { dimensions: [{ ...daily.dimensions[0]!, name: 'day', start: '2025-01-01' }] }, '2026-02-01'),
    ).toEqual(['2026-02-01'])
    expect(read(daily, hourly, '2026-03-29')).toHaveLength(23)
    expect(read(daily, hourly, '2026-10-25')).toHaveLength(25)
    expect(read(hourly, daily, '2026-10-25T02:00+01:00')).toEqual(['2026-10-25'])
    expect(read({ dimensions: [time('month')] }, { dimensions: [time('week')] }, '2026-03')).toEqual([
      '2026-02-23',
      '2026-03-02',
      '2026-03-09',
      '2026-03-16',
      '2026-03-23',
      '2026-03-30',
    ])
  })

  test('what has not ended is lacking, what was before the first is not', () => {
    expect(
      read(
        { dimensions: [time('hour', { start: '2026-11-24' })] },
        { dimensions: [time('month')] },
        '2026-11-24T00:00',
      ),
    ).toEqual(['a window that has not ended'])
    expect(read(daily, daily, '2026-01-02', { time: { type: 'last', of: 'time', count: 7 } })).toEqual([
      '2026-01-01',
      '2026-01-02',
    ])
  })

  test('other dimensions: all keys of what it has none for, named keys', () => {
    const both = { dimensions: [...daily.dimensions, country] }
    expect(read(daily, both, '2026-02-01')).toEqual(['2026-02-01|de', '2026-02-01|fr', '2026-02-01|it'])
    expect(read(both, daily, '2026-02-01|fr')).toEqual(['2026-02-01'])
    expect(read(both, both, '2026-02-01|fr')).toEqual(['2026-02-01|fr'])
    expect(
      defaultMapping(
        { dimensions: [{ ...country, keys: ['de', 'es'] } as PartitionDimension] },
        { dimensions: [country] },
        'trait',
      ),
    ).toMatchObject({
      reason: expect.stringContaining('es') as string,
    })
    const regions: PartitionDimension = { type: 'static', name: 'region', keys: ['north', 'south'] }
    expect(
      read({ dimensions: [regions] }, { dimensions: [country] }, 'south', {
        country: { type: 'keys', of: 'region', keys: { north: ['de'], south: ['fr', 'it'] } },
      }),
    ).toEqual(['fr', 'it'])
  })
})
