import { describe, expect, test } from 'vitest'
import { automation } from '../../define/index.ts'
import type { AssetKey } from '../../contract/index.ts'
import { buildGraph } from '../../graph/index.ts'
import { specOf } from '../../../test/plan/world.ts'
import { AutomationWorld } from '../../../test/plan/automation-world.ts'
import { evaluate } from './index.ts'

const { eager, onCron, onMissing, onUpstreamChange, quietFor, checkPassed, allDeps, anyDeps, not } = automation

describe('eager', () => {
  const shop = () =>
    new AutomationWorld({
      'source/purchases': [],
      'trait/ltv': ['source/purchases'],
      'audience/vip': ['trait/ltv'],
      'sync/vip_to_crm': ['audience/vip'],
    }).automate(eager(), 'trait/ltv', 'audience/vip', 'sync/vip_to_crm')

  test('waits for what it reads, then goes with all that is downstream into one run, and then rests', () => {
    const world = shop()
    expect(world.evaluate()).toEqual([])
    expect(world.summaryOf('trait/ltv')).toBe('not yet: source/purchases was never materialised')
    world.materialize('source/purchases')
    expect(world.evaluate()).toEqual(['trait/ltv', 'audience/vip', 'sync/vip_to_crm'])
    expect(world.summaryOf('audience/vip')).toBe('starts: it was never materialised')
    world.materialize('trait/ltv').materialize('audience/vip').materialize('sync/vip_to_crm')
    expect(world.evaluate()).toEqual([])
    expect(world.summaryOf('sync/vip_to_crm')).toBe(
      'nothing to do: it is there, its definition is the same and nothing that it reads has changed',
    )
  })

  test('starts again for new content, not for a rebuild to the same', () => {
    const world = shop().materializeAll()
    expect(world.evaluate()).toEqual([])
    world.materialize('source/purchases')
    expect(world.evaluate()).toEqual([])
    world.change('source/purchases')
    expect(world.evaluate()).toEqual(['trait/ltv', 'audience/vip', 'sync/vip_to_crm'])
    expect(world.summaryOf('trait/ltv')).toBe('starts: source/purchases changed')
    expect(world.summaryOf('audience/vip')).toBe('starts: trait/ltv goes into the same run')
  })

  test('is not started twice for one cause, and again for another', () => {
    const world = shop().materializeAll().change('source/purchases')
    expect(world.evaluate()).toContain('trait/ltv')
    world.fail('trait/ltv')
    expect(world.evaluate()).toEqual([])
    expect(world.summaryOf('trait/ltv')).toBe('started for this already in run r1: source/purchases changed')
    world.change('source/purchases')
    expect(world.evaluate()).toEqual(['trait/ltv', 'audience/vip', 'sync/vip_to_crm'])
  })

  test('a run under way that has it counts; what changes meanwhile starts it when that has ended', () => {
    const world = shop().materializeAll().change('source/purchases').begin('trait/ltv', 'r9')
    expect(world.evaluate()).toEqual([])
    expect(world.summaryOf('trait/ltv')).toBe('not yet: it is in run r9')
    world.change('source/purchases').end('trait/ltv')
    expect(world.evaluate()).toContain('trait/ltv')
  })

  test('says which blocking check it waits for', () => {
    const world = shop().materializeAll()
    world.change('audience/vip', ['not_empty'])
    expect(world.evaluate()).toEqual([])
    expect(world.decisions.get('sync/vip_to_crm')).toMatchObject({
      outcome: 'waiting',
      summary: 'not yet: audience/vip has a failed blocking check: not_empty',
      tree: {
        condition: 'eager',
        holds: false,
        of: [
          { condition: 'or', holds: true },
          { condition: 'not(any_deps(missing))', holds: true },
          { condition: 'not(any_deps(in_progress))', holds: true },
          {
            condition: 'not(any_deps(check_failed))',
            holds: false,
            of: [{ of: [{ condition: 'check_failed', holds: true, asset: 'audience/vip' }] }],
          },
          { condition: 'not(in_progress)', holds: true },
        ],
      },
    })
    world.change('audience/vip')
    expect(world.evaluate()).toEqual(['sync/vip_to_crm'])
  })

  test('a changed definition is a cause', () => {
    const world = shop().materializeAll()
    world.redefine('audience/vip')
    expect(world.evaluate()).toEqual(['audience/vip', 'sync/vip_to_crm'])
    expect(world.summaryOf('audience/vip')).toBe('starts: its definition changed')
  })
})

describe('the other conditions', () => {
  const pair = (condition: ReturnType<typeof eager>) =>
    new AutomationWorld({ 'source/a': [], 'trait/b': ['source/a'] }).automate(condition, 'trait/b')

  test('cron: once a time, and not for one that was there before the condition', () => {
    const daily = onCron('0 6 * * *', { timeZone: 'UTC' })
    const world = pair(daily)
    world.ticks['0 6 * * * UTC'] = '2026-01-01T06:00:00.000Z'
    expect(world.evaluate()).toEqual([])
    world.tick('0 6 * * * UTC', '2026-01-02T06:00:00.000Z')
    expect(world.evaluate()).toEqual(['trait/b'])
    expect(world.evaluate()).toEqual([])
    world.tick('0 6 * * * UTC', '2026-01-03T06:00:00.000Z')
    expect(world.evaluate()).toEqual(['trait/b'])
  })

  test('a time that comes with the very first look counts', () => {
    const world = pair(onCron('0 6 * * *', { timeZone: 'UTC' }))
    world.tick('0 6 * * * UTC', '2026-01-02T06:00:00.000Z')
    expect(world.evaluate()).toEqual(['trait/b'])
  })

  test('a time of a cron stays until what else has to hold does', () => {
    const world = pair(automation.cron('0 6 * * *', { timeZone: 'UTC' }).and(allDeps(checkPassed())))
    world.change('source/a', ['unique'])
    world.evaluate()
    world.tick('0 6 * * * UTC', '2026-01-02T06:00:00.000Z')
    expect(world.evaluate()).toEqual([])
    expect(world.summaryOf('trait/b')).toBe('not yet: source/a has a failed blocking check: unique')
    world.change('source/a')
    expect(world.evaluate()).toEqual(['trait/b'])
  })

  test('missing: once, until something changes', () => {
    const world = pair(onMissing())
    world.materialize('source/a')
    expect(world.evaluate()).toEqual(['trait/b'])
    world.fail('trait/b')
    expect(world.evaluate()).toEqual([])
    world.change('source/a')
    expect(world.evaluate()).toEqual(['trait/b'])
    world.materialize('trait/b').change('source/a')
    expect(world.evaluate()).toEqual([])
  })

  test('a cause that is gone does not make the others news', () => {
    const world = pair(automation.cron('0 6 * * *', { timeZone: 'UTC' }).or(automation.missing()))
    world.evaluate([])
    world.tick('0 6 * * * UTC', '2026-01-02T06:00:00.000Z')
    expect(world.evaluate()).toEqual(['trait/b'])
    world.fail('trait/b')
    expect(world.evaluate()).toEqual([])
    world.tick('0 6 * * * UTC', '2026-01-03T06:00:00.000Z')
    expect(world.evaluate()).toEqual(['trait/b'])
  })

  test('quiet: says when it will be, and starts then', () => {
    const world = pair(onUpstreamChange().and(quietFor(10))).materializeAll()
    world.change('source/a')
    expect(world.evaluate()).toEqual([])
    const { nextAt, summary } = world.decisions.get('trait/b')!
    expect(nextAt).toBe(new Date(world.now + 600_000).toISOString())
    expect(summary).toBe(`not yet: source/a changed less than 10 minutes ago: quiet at ${nextAt}`)
    world.now += 599_999
    expect(world.evaluate()).toEqual([])
    world.now += 1
    expect(world.evaluate()).toEqual(['trait/b'])
    expect(world.decisions.get('trait/b')!.nextAt).toBeNull()
  })

  test('quiet alone wakes nobody while it waits for an event', () => {
    const world = pair(onUpstreamChange().and(quietFor(10)))
      .change('source/a')
      .materializeAll()
    world.evaluate()
    expect(world.decisions.get('trait/b')!.nextAt).toBeNull()
  })

  test('a named check of what it reads', () => {
    const world = pair(anyDeps(checkPassed('complete')))
    world.change('source/a').check('source/a', 'complete', false)
    expect(world.evaluate()).toEqual([])
    world.change('source/a').check('source/a', 'complete', true)
    expect(world.evaluate()).toEqual(['trait/b'])
    expect(world.evaluate()).toEqual([])
  })

  test('newly updated, since it was started last', () => {
    const world = pair(anyDeps(automation.newlyUpdated()).and(not(automation.inProgress())))
    world.materialize('source/a')
    world.evaluate()
    world.materialize('source/a')
    expect(world.evaluate()).toEqual(['trait/b'])
    expect(world.evaluate()).toEqual([])
    world.materialize('source/a')
    expect(world.evaluate()).toEqual(['trait/b'])
  })

  test('the first look at a condition, and at one that is written otherwise', () => {
    const world = pair(automation.initialEvaluation())
    expect(world.evaluate()).toEqual(['trait/b'])
    expect(world.evaluate()).toEqual([])
    world.automate(automation.initialEvaluation().or(automation.missing()), 'trait/b')
    expect(world.evaluate()).toEqual(['trait/b'])
  })
})

test('of an asset that is cut by time, what is missing is its latest window, and time alone may change that', () => {
  const key: AssetKey = 'trait/visits'
  const dimension = {
    ...({ type: 'time', name: 'day', every: 'day', start: '2026-01-01', end: null } as const),
    ...{ timeZone: 'UTC', offsetMinutes: 0 },
  }
  const spec = { ...specOf(key), partitions: { dimensions: [dimension] }, automation: { op: 'on_missing' } as const }
  const judge = (latestPosition: string, now: string, asOf: string | null = null) => {
    const latest = {
      codeVersion: spec.codeVersion,
      dataVersion: 'v',
      upstream: {},
      warehouse: 'w',
      durationMs: 1,
      failedChecks: [],
    }
    const state = { key, latest, lastAttempt: 'succeeded' as const }
    const known = { materialized: 1, changedAt: null, run: null, checks: {} }
    const [decision] = evaluate({
      ...{
        graph: buildGraph([spec]),
        memories: {},
        ticks: {},
        earlierTicks: {},
        sequence: 1,
        affected: new Set([key]),
      },
      ...{
        facts: { [key]: { state, latestPosition: Date.parse(latestPosition), ...known } },
        now: new Date(now),
        asOf,
      },
    })
    return [decision?.outcome, decision?.summary, decision?.nextAt]
  }
  expect(judge('2026-01-04', '2026-01-05T12:00:00Z')).toEqual([
    ...['idle', 'nothing to do: its partition 2026-01-04 is there', '2026-01-06T00:00:00.000Z'],
  ])
  expect(judge('2026-01-04', '2026-01-06T00:00:00Z')).toEqual([
    ...['requested', 'starts: its partition 2026-01-05 was never made', '2026-01-07T00:00:00.000Z'],
  ])
  // A clock that stands still ends no window.
  expect(judge('2026-01-04', '2026-02-01T00:00:00Z', '2026-01-05T12:00:00Z').slice(0, 1)).toEqual(['idle'])
  expect(judge('2026-01-04', '2026-02-01T00:00:00Z', '2026-01-05T12:00:00Z')[2]).toBeNull()
})
