import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { specOf, World } from '../../test/plan/world.ts'
import type { AssetKey, AssetSpec } from '../contract/index.ts'
import { changedFields, planRun, previewPlan, type PreviewInput } from './index.ts'
import { lineDiff } from './line-diff.ts'
import { schedule } from './schedule.ts'

const shop = [
  specOf('source/purchases'),
  specOf('model/shop/customers', ['source/purchases']),
  specOf('trait/ltv', ['model/shop/customers']),
  specOf('audience/vip', ['trait/ltv']),
]

function preview(world: World, targets?: readonly AssetKey[], more: Partial<PreviewInput> = {}) {
  const { specs: assets, states, warehouse } = world
  const plan = planRun({
    assets,
    states,
    targets: targets ?? assets.map(({ key }) => key),
    force: false,
    warehouse,
  })
  return previewPlan({
    plan,
    specOf: (key) => assets.find((spec) => spec.key === key)!,
    states,
    made: new Map(),
    history: { assets: new Map(), overheads: new Map() },
    warehouse,
    concurrency: 2,
    codeChanges: new Map(),
    owed: new Map(),
    ...more,
  })
}

const assetsOf = (world: World, targets?: readonly AssetKey[], more?: Partial<PreviewInput>) =>
  Object.fromEntries(
    preview(world, targets, more)
      .steps.flatMap((step) => step.assets)
      .map((asset) => [asset.key, asset]),
  )

function grown(): World {
  const world = new World(shop)
  world.execute(planRun({ ...input(world), targets: shop.map(({ key }) => key) }))
  return world
}

const input = (world: World) => ({
  assets: world.specs,
  states: world.states,
  force: false,
  warehouse: world.warehouse,
})

describe('what a plan tells before it runs', () => {
  test('what runs for certain is told from what runs if its inputs come out changed', () => {
    const found = preview(grown())
    expect(found.steps.flatMap(({ assets }) => assets.map(({ key, prospect }) => [key, prospect]))).toEqual([
      ['source/purchases', 'certain'],
      ['model/shop/customers', 'possible'],
      ['trait/ltv', 'possible'],
      ['audience/vip', 'possible'],
    ])
    expect(found.counts).toEqual({ certain: 1, possible: 3, blocked: 0, fresh: 0 })
  })

  test('which version of what it would read, and what it read the last time', () => {
    const world = grown()
    world.content['source/purchases'] = 'more'
    world.execute(planRun({ ...input(world), targets: ['source/purchases'] }))
    const made = new Map([['source/purchases' as AssetKey, { revision: 3, run: 'r7', at: '2026-01-01T00:00:00.000Z' }]])
    const [read] = assetsOf(world, ['model/shop/customers'], { made })['model/shop/customers']!.reads
    expect(read).toMatchObject({ asset: 'source/purchases', revision: 3, run: 'r7', state: 'changed' })
    expect(read!.dataVersion).not.toBe(read!.readBefore)
  })

  test('nothing is built on what failed a blocking check, nor on what follows from it', () => {
    const world = grown()
    const model = world.states['model/shop/customers']!
    world.states['model/shop/customers'] = { ...model, latest: { ...model.latest!, failedChecks: ['not_null_id'] } }
    world.specs = world.specs.map((spec) => (spec.key === 'trait/ltv' ? { ...spec, codeVersion: 'v2' } : spec))
    const found = assetsOf(world, ['trait/ltv', 'audience/vip'])
    expect(found['trait/ltv']).toMatchObject({
      prospect: 'blocked',
      blocked: { upstream: 'model/shop/customers', text: expect.stringContaining('not_null_id') as string },
    })
    expect(found['audience/vip']).toMatchObject({ prospect: 'blocked', blocked: { upstream: 'trait/ltv' } })
    // If the model is built first, its check may pass.
    expect(assetsOf(world)['trait/ltv']).toMatchObject({ prospect: 'certain', blocked: null })
  })

  test('what was never made and is not selected is told before it fails', () => {
    expect(assetsOf(new World(shop), ['trait/ltv'])['trait/ltv']).toMatchObject({
      prospect: 'blocked',
      blocked: { text: expect.stringContaining('model/shop/customers was never materialised') as string },
    })
  })

  test('rejected rows of a sync are the reason that is shown', () => {
    const sync = { ...specOf('sync/vip', ['audience/vip']), from: 'audience/vip' } as AssetSpec
    const world = new World([...shop, sync])
    world.execute(planRun({ ...input(world), targets: world.specs.map(({ key }) => key) }))
    world.states['sync/vip'] = {
      ...world.states['sync/vip']!,
      latest: { ...world.states['sync/vip']!.latest!, upstream: {} },
    }
    const owed = new Map([['sync/vip' as AssetKey, { rejected: 3, unfinished: false }]])
    expect(assetsOf(world, ['sync/vip'], { owed })['sync/vip']).toMatchObject({
      prospect: 'certain',
      owed: { rejected: 3 },
      reasons: [{ type: 'upstream_changed', text: '3 rejected rows wait to be sent again' }],
    })
  })

  test('durations come from history, a group’s with what it takes beside its work; unknown ones from their kind', () => {
    const world = grown()
    world.specs = [...world.specs, specOf('trait/new', ['source/purchases'])]
    const found = preview(world, undefined, {
      history: {
        assets: new Map<AssetKey, number[]>([
          ['source/purchases', [100, 300, 200]],
          ['model/shop/customers', [1_000]],
          ['trait/ltv', [400, 600]],
        ]),
        overheads: new Map([['dbt/shop', [4_000, 5_000, 6_000]]]),
      },
    })
    const estimates = Object.fromEntries(found.steps.map(({ id, estimate }) => [id, estimate]))
    expect(estimates['source/purchases']).toEqual({ ms: 200, from: 'history', startMs: 0 })
    expect(estimates['dbt/shop']).toEqual({ ms: 6_000, from: 'history', startMs: 200 })
    expect(estimates['trait/new']).toEqual({ ms: 5_000, from: 'kind', startMs: 200 })
    expect(found.estimate).toEqual({
      leastMs: 5_200,
      mostMs: 200 + 6_000 + 500 + 5_000,
      unknownSteps: 0,
      criticalPath: ['source/purchases', 'dbt/shop', 'trait/ltv', 'audience/vip'],
    })
  })
})

describe('a schedule', () => {
  const tasks = fc
    .array(fc.record({ ms: fc.nat(50), picks: fc.array(fc.nat(), { maxLength: 3 }) }), { maxLength: 30 })
    .map((nodes) =>
      nodes.map(({ ms, picks }, at) => ({
        id: `s${at}`,
        ms,
        after: at === 0 ? [] : [...new Set(picks.map((pick) => `s${pick % at}`))],
      })),
    )

  test('starts nothing early, keeps to the concurrency, and its longest path is as long as the whole', () => {
    fc.assert(
      fc.property(tasks, fc.integer({ min: 1, max: 5 }), (steps, concurrency) => {
        const { startMs, endMs, criticalPath } = schedule(steps, concurrency)
        const endOf = (id: string): number => startMs.get(id)! + steps.find((step) => step.id === id)!.ms
        for (const { id, after } of steps)
          for (const other of after) expect(endOf(other)).toBeLessThanOrEqual(startMs.get(id)!)
        for (const { id, ms } of steps) {
          const at = startMs.get(id)!
          const busy = steps.filter((other) => startMs.get(other.id)! <= at && endOf(other.id) > at)
          if (ms > 0) expect(busy.length).toBeLessThanOrEqual(concurrency)
        }
        expect(Math.max(0, ...steps.map(({ id }) => endOf(id)))).toBe(endMs)
        expect(criticalPath.reduce((sum, id) => sum + steps.find((step) => step.id === id)!.ms, 0)).toBe(endMs)
      }),
    )
  })
})

describe('what differs in a definition', () => {
  test('lines of SQL with what is around them, values, and nothing for descriptions', () => {
    const trait = (strings: string, min: number | null, description: string) =>
      ({
        ...specOf('trait/ltv'),
        description,
        trait: { type: 'continuous', min },
        origin: { type: 'sql', sql: { strings: [strings, '\n'], refs: ['model/shop/customers'] } },
      }) as unknown as AssetSpec
    const before = trait('select id,\n  sum(amount) as value\nfrom ', null, 'a')
    const after = trait('select id,\n  sum(amount) - sum(refund) as value\nfrom ', 0, 'b')
    expect(changedFields(before, after)).toEqual(
      [
        { field: 'trait.min', lines: ['+0'] },
        {
          field: 'origin.sql',
          lines: [
            ' select id,',
            '-  sum(amount) as value',
            '+  sum(amount) - sum(refund) as value',
            ' from {model/shop/customers}',
          ],
        },
      ].sort((a) => (a.field === 'trait.min' ? 1 : -1)),
    )
    expect(changedFields(before, { ...before, description: 'c', codeVersion: 'other' })).toEqual([])
  })

  test('taking away what is marked - and keeping what is marked + gives the text after', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = lineDiff(before.join('\n'), after.join('\n'), { context: 100, most: 1_000 })
        if (lines.length === 0) {
          expect(before).toEqual(after)
          return
        }
        const side = (sign: string) =>
          lines.filter((line) => line[0] === ' ' || line[0] === sign).map((line) => line.slice(1))
        expect(side('-')).toEqual(before)
        expect(side('+')).toEqual(after)
      }),
    )
  })
})
