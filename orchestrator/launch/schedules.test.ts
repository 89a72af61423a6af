import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../test/harness/eventually.ts'
import { temporalAddress } from '../../test/harness/temporal.ts'
import { automation } from '../define/index.ts'
import type { AssetSpec, AutomationCondition, Manifest, Scope } from '../contract/index.ts'
import { connectTemporal, createSchedules, type Schedules, type TemporalConnection } from './index.ts'
import { scheduleId } from './wanted-schedules.ts'

let temporal: TemporalConnection
let schedules: Schedules

beforeAll(async () => {
  temporal = await connectTemporal({ address: temporalAddress() })
  schedules = createSchedules(temporal.client, () => new Date('2027-01-01T00:00:00Z'))
})
afterAll(() => temporal.close())

const freshScope = (): Scope => ({ environment: 'test', project: `s${randomUUID()}` })

function manifestWith(...conditions: readonly AutomationCondition[]): Manifest {
  const assets = conditions.map(
    (condition, at) =>
      ({ kind: 'trait', key: `trait/t${at}`, deps: [], automation: condition }) as unknown as AssetSpec,
  )
  return { assets } as unknown as Manifest
}

const cron = (text: string, timeZone: string, more: object = {}): AutomationCondition =>
  automation.onCron(text, { timeZone, ...more }).condition

/** The times that Temporal would act at. */
async function times(text: string, timeZone: string, from: string, to: string): Promise<string[]> {
  const scope = freshScope()
  const { created } = await schedules.reconcile(scope, manifestWith(cron(text, timeZone)))
  const { startTime } = await temporal.connection.workflowService.listScheduleMatchingTimes({
    namespace: temporal.namespace,
    scheduleId: scheduleId(scope, created[0]!),
    startTime: stamp(from),
    endTime: stamp(to),
  })
  await schedules.reconcile(scope, manifestWith())
  return startTime.map(({ seconds }) => new Date(Number(seconds) * 1_000).toISOString().replace(':00.000Z', 'Z'))
}

function stamp(time: string) {
  return { seconds: Math.floor(Date.parse(time) / 1_000) as unknown as Long, nanos: 0 }
}
type Long = NonNullable<
  Parameters<TemporalConnection['connection']['workflowService']['listScheduleMatchingTimes']>[0]['startTime']
>['seconds'] &
  object

describe('daylight saving', () => {
  test('a time that is skipped runs at the end of what is skipped', async () => {
    expect(await times('30 2 * * *', 'Europe/Berlin', '2027-03-27T00:00:00Z', '2027-03-30T00:00:00Z')).toEqual([
      '2027-03-27T01:30Z',
      '2027-03-28T01:00Z',
      '2027-03-29T00:30Z',
    ])
  })

  test('one that comes twice runs once, the second time', async () => {
    expect(await times('30 2 * * *', 'Europe/Berlin', '2027-10-30T00:00:00Z', '2027-11-01T23:00:00Z')).toEqual([
      '2027-10-30T00:30Z',
      '2027-10-31T01:30Z',
      '2027-11-01T01:30Z',
    ])
  })

  test('an hourly cron has nothing to make up for, and an hour is as long as ever', async () => {
    expect(await times('30 * * * *', 'Europe/Berlin', '2027-03-28T00:00:00Z', '2027-03-28T03:00:00Z')).toEqual([
      '2027-03-28T00:30Z',
      '2027-03-28T01:30Z',
      '2027-03-28T02:30Z',
    ])
  })

  test('an hourly cron runs in each of the two hours of the same name', async () => {
    expect(await times('30 * * * *', 'Europe/Berlin', '2027-10-31T00:00:00Z', '2027-10-31T03:00:00Z')).toEqual([
      '2027-10-31T00:30Z',
      '2027-10-31T01:30Z',
      '2027-10-31T02:30Z',
    ])
  })

  test('in other zones, and where half an hour is skipped', async () => {
    expect(await times('15 2 * * *', 'America/New_York', '2027-03-14T00:00:00Z', '2027-03-15T00:00:00Z')).toEqual([
      '2027-03-14T07:00Z',
    ])
    expect(await times('15 2 * * *', 'Australia/Lord_Howe', '2027-10-02T12:00:00Z', '2027-10-03T12:00:00Z')).toEqual([
      '2027-10-02T15:30Z',
    ])
  })

  test('only on days that the cron names', async () => {
    expect(await times('30 2 * * mon', 'Europe/Berlin', '2027-03-27T00:00:00Z', '2027-03-30T00:00:00Z')).toEqual([
      '2027-03-29T00:30Z',
    ])
  })
})

test('days of the month and of the week: one of them has to fit', async () => {
  expect(await times('0 6 13 * fri', 'UTC', '2027-08-11T00:00:00Z', '2027-08-21T00:00:00Z')).toEqual([
    '2027-08-13T06:00Z',
    '2027-08-20T06:00Z',
  ])
  expect(await times('0 6 13 * fri', 'UTC', '2027-05-12T00:00:00Z', '2027-05-15T00:00:00Z')).toEqual([
    '2027-05-13T06:00Z',
    '2027-05-14T06:00Z',
  ])
})

test('schedules follow the manifest, as often as it is told, and what is paused stays so', async () => {
  const scope = freshScope()
  const daily = cron('0 6 * * *', 'Europe/Berlin')
  const hourly = cron('0 * * * *', 'UTC', { overlap: 'buffer_one', catchUpWindow: '6h' })
  expect(await schedules.reconcile(scope, manifestWith(daily, hourly, daily))).toEqual({
    created: ['cron/0 6 * * * Europe/Berlin', 'cron/0 * * * * UTC buffer_one 21600s'],
    removed: [],
  })
  const description = await temporal.client.schedule
    .getHandle(scheduleId(scope, 'cron/0 * * * * UTC buffer_one 21600s'))
    .describe()
  expect(description.policies).toMatchObject({ overlap: 'BUFFER_ONE', catchupWindow: 21_600_000 })

  await schedules.pause(scope, 'cron/0 6 * * * Europe/Berlin', 'the source is being moved')
  await eventually(async () => (await schedules.list(scope)).length === 2)
  expect(await schedules.reconcile(scope, manifestWith(daily, hourly))).toEqual({ created: [], removed: [] })
  const rows = await schedules.list(scope)
  expect(rows.map(({ name, paused, note }) => ({ name, paused, note }))).toEqual([
    { name: 'cron/0 * * * * UTC buffer_one 21600s', paused: false, note: null },
    { name: 'cron/0 6 * * * Europe/Berlin', paused: true, note: 'the source is being moved' },
  ])
  expect(rows[0]!.nextTimes[0]).toMatch(/:00:00.000Z$/)
  await schedules.resume(scope, 'cron/0 6 * * * Europe/Berlin')
  expect((await schedules.list(scope)).map(({ paused }) => paused)).toEqual([false, false])

  expect(await schedules.reconcile(scope, manifestWith(daily))).toEqual({
    created: [],
    removed: ['cron/0 * * * * UTC buffer_one 21600s'],
  })
  await schedules.reconcile(scope, manifestWith())
  await eventually(async () => (await schedules.list(scope)).length === 0)
  await expect(schedules.pause(scope, 'cron/none', '')).rejects.toMatchObject({ code: 'SCHEDULE_UNKNOWN' })
})
