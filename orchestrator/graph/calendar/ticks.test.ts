import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCron, type Cron } from '../../contract/index.ts'
import { lastTick, nextTick } from './ticks.ts'

function cron(text: string): Cron {
  const parsed = parseCron(text)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}

const at = (text: string): number => Date.parse(text)
const next = (text: string, zone: string, after: string): string =>
  new Date(nextTick(cron(text), zone, at(after))).toISOString()

describe('days on which clocks change', () => {
  test('a time that is skipped is at the end of what is skipped', () => {
    // Berlin, 29 March 2026: 02:00 is 03:00 at once, at 01:00 UTC.
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00:00.000Z')
    expect(next('0 6 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z')).toBe('2026-03-29T04:00:00.000Z')
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-03-29T01:00:00Z')).toBe('2026-03-30T00:30:00.000Z')
  })

  test('a time that comes twice is there the first time', () => {
    // Berlin, 25 October 2026: 03:00 is 02:00 again, at 01:00 UTC.
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z')).toBe('2026-10-25T00:30:00.000Z')
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z')).toBe('2026-10-26T01:30:00.000Z')
    // Every hour is every hour.
    expect(next('30 * * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z')).toBe('2026-10-25T01:30:00.000Z')
  })

  test('half an hour, at midnight, and over the date line', () => {
    expect(next('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z')).toBe('2026-10-03T15:30:00.000Z')
    // Cairo, 24 April 2026: midnight is 01:00.
    expect(next('0 0 * * *', 'Africa/Cairo', '2026-04-23T12:00:00Z')).toBe('2026-04-23T22:00:00.000Z')
    expect(next('0 6 * * *', 'Pacific/Kiritimati', '2026-01-01T00:00:00Z')).toBe('2026-01-01T16:00:00.000Z')
  })
})

test('weekdays, either day, and 29 February', () => {
  expect(next('0 6 * * 1-5', 'UTC', '2026-01-02T06:00:00Z')).toBe('2026-01-05T06:00:00.000Z')
  expect(next('0 0 13 * 5', 'UTC', '2026-01-03T00:00:00Z')).toBe('2026-01-09T00:00:00.000Z')
  expect(next('0 0 29 2 *', 'UTC', '2096-03-01T00:00:00Z')).toBe('2104-02-29T00:00:00.000Z')
})

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'America/St_Johns',
]
const zone = fc.constantFrom(...zones)
/** Within days of a change of clocks, mostly. */
const moment = fc
  .tuple(
    fc.constantFrom(
      at('2026-03-29T01:00Z'),
      at('2026-10-25T01:00Z'),
      at('2026-03-08T07:00Z'),
      at('2026-11-01T06:00Z'),
      at('2026-04-04T15:00Z'),
      at('2026-07-01T00:00Z'),
    ),
    fc.integer({ min: -3_000, max: 3_000 }),
  )
  .map(([change, minutes]) => change + minutes * 60_000)

/** What the wall shows at each minute, asked of the engine one by one. */
function scan(text: string, timeZone: string, from: number, minutes: number): number[] {
  const { minutes: ofHour, hours } = cron(text)
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return Array.from({ length: minutes }, (_, n) => from + (n + 1) * 60_000).filter((each) => {
    const [hour, minute] = format.format(each).split(':').map(Number) as [number, number]
    return hours.includes(hour) && ofHour.includes(minute)
  })
}

test('with every hour, ticks are what a scan of the wall’s clock finds', () => {
  fc.assert(
    fc.property(
      zone,
      moment,
      fc.constantFrom('*/7 * * * *', '0,30 */3 * * *', '59 * * * *'),
      (timeZone, from, text) => {
        const expected = scan(text, timeZone, from, 600)
        const found: number[] = []
        for (let tick = nextTick(cron(text), timeZone, from); tick <= from + 600 * 60_000;) {
          found.push(tick)
          tick = nextTick(cron(text), timeZone, tick)
        }
        expect(found).toEqual(expected)
      },
    ),
    { numRuns: 40 },
  )
})

test('with hours by name, every day has its time once', () => {
  const time = fc.tuple(fc.nat(23), fc.nat(59))
  fc.assert(
    fc.property(zone, moment, time, (timeZone, from, [hour, minute]) => {
      const daily = cron(`${minute} ${hour} * * *`)
      const format = new Intl.DateTimeFormat('en-CA', { timeZone })
      let tick = nextTick(daily, timeZone, from)
      let day = format.format(tick)
      for (let n = 0; n < 5; n++) {
        tick = nextTick(daily, timeZone, tick)
        const after = format.format(tick)
        expect(Date.parse(after) - Date.parse(day)).toBe(86_400_000)
        day = after
      }
    }),
    { numRuns: 60 },
  )
})

test('the last one is the one before the next', () => {
  const text = fc.constantFrom('30 2 * * *', '0 6 * * 1-5', '*/20 * * * *', '0 0 1 * *', '15 */2 10-20 * 0')
  fc.assert(
    fc.property(zone, moment, text, (timeZone, now, cronText) => {
      const each = cron(cronText)
      const [before, after] = [lastTick(each, timeZone, now), nextTick(each, timeZone, now)]
      expect(before).toBeLessThanOrEqual(now)
      expect(after).toBeGreaterThan(now)
      expect(nextTick(each, timeZone, before)).toBe(after)
      expect(lastTick(each, timeZone, after)).toBe(after)
      expect(lastTick(each, timeZone, after - 1)).toBe(before)
    }),
    { numRuns: 60 },
  )
})
