import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FreshnessFacts, FreshnessPolicy } from '../../contract/index.ts'
import { specOf } from '../../../test/plan/world.ts'
import { judgeFreshness, withWindows } from './index.ts'

const at = (text: string): number => Date.parse(text)
const facts = (last: string | null, more: Partial<FreshnessFacts> = {}): FreshnessFacts => ({
  ...{ knownSince: '2026-01-01T00:00:00Z', succeededAt: last, materializedAt: last, changedAt: last },
  ...more,
})

const hourly: FreshnessPolicy = { type: 'age', since: 'success', warnAfterMinutes: 60, failAfterMinutes: 120 }
const byMorning: FreshnessPolicy = {
  ...{ type: 'deadline', since: 'success', cron: '0 6 * * 1-5', timeZone: 'Europe/Berlin' },
  ...{ windowMinutes: null, warnBeforeMinutes: 30 },
}

test('an age: ok, a warning, late; before the first success it is not known', () => {
  const judge = (last: string | null, now: string) => judgeFreshness(hourly, facts(last), at(now))
  expect(judge('2026-01-05T10:00:00Z', '2026-01-05T10:59:59Z')).toEqual({
    status: 'ok',
    since: '2026-01-05T10:00:00.000Z',
    deadline: '2026-01-05T12:00:00.000Z',
    changesAt: '2026-01-05T11:00:00.000Z',
  })
  expect(judge('2026-01-05T10:00:00Z', '2026-01-05T11:00:00Z')).toMatchObject({
    status: 'warn',
    since: '2026-01-05T11:00:00.000Z',
    changesAt: '2026-01-05T12:00:00.000Z',
  })
  expect(judge('2026-01-05T10:00:00Z', '2026-01-05T12:00:00Z')).toMatchObject({
    status: 'late',
    since: '2026-01-05T12:00:00.000Z',
    changesAt: null,
  })
  expect(judge(null, '2026-01-01T01:30:00Z')).toMatchObject({
    status: 'unknown',
    changesAt: '2026-01-01T02:00:00.000Z',
  })
  expect(judge(null, '2026-01-01T02:00:00Z')).toMatchObject({ status: 'late' })
})

test('what counts is what the policy names', () => {
  const mixed = facts(null, {
    ...{
      succeededAt: '2026-01-05T12:00:00Z',
      materializedAt: '2026-01-05T10:30:00Z',
      changedAt: '2026-01-05T09:00:00Z',
    },
  })
  const status = (since: FreshnessPolicy['since']) =>
    judgeFreshness({ ...hourly, since }, mixed, at('2026-01-05T12:00:00Z')).status
  expect([status('success'), status('materialization'), status('change')]).toEqual(['ok', 'warn', 'late'])
})

test('a deadline on weekdays, over a weekend', () => {
  const judge = (last: string | null, now: string) => judgeFreshness(byMorning, facts(last), at(now))
  // Friday's run, at 04:30 UTC, met Friday's deadline at 05:00 UTC; the next one is Monday's.
  const friday = '2026-01-09T04:30:00Z'
  expect(judge(friday, '2026-01-11T12:00:00Z')).toEqual({
    status: 'ok',
    since: '2026-01-09T04:30:00.000Z',
    deadline: '2026-01-12T05:00:00.000Z',
    changesAt: '2026-01-12T04:30:00.000Z',
  })
  expect(judge(friday, '2026-01-12T04:45:00Z')).toMatchObject({ status: 'warn', since: '2026-01-12T04:30:00.000Z' })
  const late = { status: 'late', since: '2026-01-12T05:00:00.000Z', changesAt: null }
  expect(judge(friday, '2026-01-12T05:00:00Z')).toMatchObject({ ...late, deadline: '2026-01-13T05:00:00.000Z' })
  expect(judge(friday, '2026-01-14T09:00:00Z')).toMatchObject(late)
  // Late, but then there; and since Monday's deadline, which Tuesday's is met by.
  expect(judge('2026-01-12T08:00:00Z', '2026-01-12T09:00:00Z')).toMatchObject({
    status: 'ok',
    deadline: '2026-01-14T05:00:00.000Z',
  })
  // Known since New Year's day, a Thursday, whose deadline is its first.
  expect(judge(null, '2026-01-01T04:59:00Z')).toMatchObject({ status: 'unknown', deadline: '2026-01-01T05:00:00.000Z' })
})

test('a window: what was made the evening before is too old', () => {
  const judge = (last: string, now: string) =>
    judgeFreshness({ ...byMorning, windowMinutes: 120 }, facts(last), at(now))
  expect(judge('2026-01-05T18:00:00Z', '2026-01-06T05:00:00Z')).toMatchObject({ status: 'late' })
  expect(judge('2026-01-06T03:00:00Z', '2026-01-06T05:00:00Z')).toMatchObject({ status: 'ok' })
})

test('a deadline that daylight saving skips is at the end of the gap', () => {
  const policy: FreshnessPolicy = { ...byMorning, cron: '30 2 * * *', warnBeforeMinutes: null }
  const judge = (now: string) => judgeFreshness(policy, facts('2026-03-28T01:00:00Z'), at(now))
  expect(judge('2026-03-29T00:59:59Z')).toMatchObject({ status: 'ok', deadline: '2026-03-29T01:00:00.000Z' })
  expect(judge('2026-03-29T01:00:00Z')).toMatchObject({ status: 'late', since: '2026-03-29T01:00:00.000Z' })
})

const minutes = fc.integer({ min: 1, max: 3_000 })
const policies: fc.Arbitrary<FreshnessPolicy> = fc.oneof(
  fc.tuple(minutes, fc.option(fc.integer({ min: 1, max: 99 }))).map(([failAfterMinutes, percent]) => ({
    ...{ type: 'age' as const, since: 'success' as const, failAfterMinutes },
    warnAfterMinutes: percent === null ? null : (failAfterMinutes * percent) / 100,
  })),
  fc.record({
    type: fc.constant('deadline' as const),
    since: fc.constant('success' as const),
    cron: fc.constantFrom('0 6 * * 1-5', '30 2 * * *', '0 */4 * * *', '15 1 1 * *'),
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
    windowMinutes: fc.option(minutes),
    warnBeforeMinutes: fc.option(minutes),
  }),
)
/** Around changes of clocks of three continents. */
const moments = fc
  .integer({ min: at('2026-03-01T00:00Z'), max: at('2026-04-12T00:00Z') })
  .map((ms) => ms - (ms % 60_000))

test('nothing changes before it is said to, and then it does: looking at deadlines alone misses nothing', () => {
  fc.assert(
    fc.property(
      policies,
      fc.option(moments),
      moments,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (policy, last, now, share) => {
        const start = last === null ? now - 1 : Math.min(last, now)
        const known = facts(last === null ? null : new Date(start).toISOString(), {
          knownSince: new Date(start).toISOString(),
        })
        const sla = judgeFreshness(policy, known, now)
        const changes = sla.changesAt === null ? now + 40 * 86_400_000 : at(sla.changesAt)
        expect(changes).toBeGreaterThan(now)
        const between = Math.min(changes - 1, now + Math.floor(share * (changes - now)))
        expect(judgeFreshness(policy, known, between)).toMatchObject({ status: sla.status, since: sla.since })
        if (sla.changesAt !== null) {
          const later = judgeFreshness(policy, known, changes)
          expect(later.status).not.toBe(sla.status)
          expect(later.since).toBe(sla.changesAt)
        } else expect(sla.status).toBe('late')
      },
    ),
    { numRuns: 150 },
  )
})

test('of an asset that is cut by time, the window that should be there counts', () => {
  const days = {
    ...specOf('trait/visits'),
    partitions: {
      dimensions: [
        {
          type: 'time',
          name: 'day',
          every: 'day',
          start: '2026-01-01',
          end: '2026-01-08',
          timeZone: 'Europe/Berlin',
          offsetMinutes: 0,
        },
      ],
    },
  } as const
  const judge = (policy: FreshnessPolicy, made: string, at_: string, now: string, asOf: string | null = null) =>
    judgeFreshness(policy, withWindows(days, facts(at_, { latestPosition: at(made) }), asOf), at(now))
  // The fifth was made at half past midnight of the sixth: the sixth is due at midnight of the seventh, local time.
  const fifth = ['2026-01-04T23:00:00Z', '2026-01-05T23:30:00Z'] as const
  expect(judge(hourly, ...fifth, '2026-01-06T22:00:00Z')).toEqual({
    status: 'ok',
    since: '2026-01-05T23:30:00.000Z',
    deadline: '2026-01-07T01:00:00.000Z',
    changesAt: '2026-01-07T00:00:00.000Z',
  })
  expect(judge(hourly, ...fifth, '2026-01-07T00:30:00Z')).toMatchObject({ status: 'warn' })
  expect(judge(hourly, ...fifth, '2026-01-07T01:00:00Z')).toMatchObject({ status: 'late' })
  // An old partition made anew in between is not what was due.
  expect(judge(hourly, fifth[0], '2026-01-07T00:59:00Z', '2026-01-07T01:00:00Z')).toMatchObject({ status: 'late' })
  expect(judge(byMorning, fifth[0], '2026-01-07T00:59:00Z', '2026-01-07T05:00:00Z')).toMatchObject({
    status: 'late',
    since: '2026-01-07T05:00:00.000Z',
  })
  expect(judge(byMorning, '2026-01-05T23:00:00Z', '2026-01-07T00:59:00Z', '2026-01-07T05:00:00Z')).toMatchObject({
    status: 'ok',
  })
  // The last window that there will ever be is there; and a clock that stands still ends none.
  expect(judge(hourly, '2026-01-06T23:00:00Z', '2026-01-08T00:00:00Z', '2026-03-01T00:00:00Z')).toMatchObject({
    status: 'ok',
    changesAt: null,
  })
  expect(judge(hourly, ...fifth, '2026-01-06T22:00:00Z', '2026-01-06T00:00:00Z')).toMatchObject({ status: 'late' })
})
