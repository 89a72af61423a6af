import { CancelledFailure, WorkflowFailedError } from '@temporalio/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../test/harness/eventually.ts'
import { openStage, step, type Stage } from '../../test/workflows/stage.ts'
import { fails, materialized, untilCancelled } from '../../test/workflows/stub-activities.ts'
import { runWorkflowId, stepWorkflowId } from '../../orchestrator/contract/index.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const shop = [
  step('source/purchases'),
  step('dbt/shop', ['source/purchases'], {
    'model/shop/customers': ['source/purchases'],
    'model/shop/browsing': ['source/purchases'],
  }),
  step('trait/orders', ['dbt/shop'], { 'trait/orders': ['model/shop/customers'] }),
  step('trait/genre', ['dbt/shop'], { 'trait/genre': ['model/shop/browsing'] }),
  step('user_model/customer', ['trait/orders', 'trait/genre']),
  step('audience/loyal', ['trait/orders']),
  step('sync/loyal_to_crm', ['audience/loyal']),
]

test('steps run in the order of dependencies, and the run says what became of each asset', async () => {
  await stage.play({ steps: shop, fresh: 3 }, async ({ handle, recorded }) => {
    const result = await handle.result()
    expect(result).toEqual({
      status: 'succeeded',
      counts: { materialized: 8, fresh: 3, failed: 0, upstream_failed: 0, cancelled: 0 },
    })
    expect(recorded.result).toEqual(result)
    const at = (entry: string): number => recorded.trail.indexOf(entry)
    for (const { id, after } of shop)
      for (const before of after) expect(at(`end ${before}`)).toBeLessThan(at(`start ${id}`))
    expect(recorded.trail.filter((entry) => entry.endsWith('sync/loyal_to_crm'))).toEqual([
      'freeze sync/loyal_to_crm',
      'send sync/loyal_to_crm',
      'settle sync/loyal_to_crm',
      'start sync/loyal_to_crm',
      'end sync/loyal_to_crm',
    ])
  })
})

const quick = (id: string, after: readonly string[] = []) => ({ ...step(id, after), quick: true as const })

test('a quick step is done by the worker that has its workflow, and fails and is cancelled as any other', async () => {
  const steps = [
    quick('trait/a'),
    quick('audience/b', ['trait/a']),
    quick('trait/failing'),
    quick('audience/never', ['trait/failing']),
    quick('trait/slow'),
  ]
  const work = { 'trait/failing': fails(), 'trait/slow': untilCancelled }
  await stage.play({ steps, work }, async ({ handle, recorded, input }) => {
    await eventually(() => recorded.trail.includes('start trait/slow') && recorded.trail.includes('end audience/b'))
    await eventually(() => recorded.outcomes.has('audience/never'))
    const cancelled = performance.now()
    await handle.cancel()
    await handle.result().catch(() => undefined)
    // Within the workflow's own task it is noticed when that is renewed: after four fifths of its time.
    expect(performance.now() - cancelled).toBeLessThan(5_000)
    expect(recorded.statuses).toEqual({
      'trait/a': 'materialized',
      'audience/b': 'materialized',
      'trait/failing': 'failed',
      'audience/never': 'upstream_failed',
      'trait/slow': 'cancelled',
    })
    const { events = [] } = await stage.client.workflow.getHandle(stepWorkflowId(input, 'audience/b')).fetchHistory()
    expect(events?.some((event) => event.activityTaskScheduledEventAttributes)).toBe(false)
    expect(events?.filter((event) => event.markerRecordedEventAttributes)).toHaveLength(1)
  })
})

test('a failure stops what is downstream of it, names the root, and stops nothing else', async () => {
  await stage.play({ steps: shop, work: { 'trait/orders': fails() } }, async ({ handle, recorded, input }) => {
    const result = await handle.result()
    expect(result.status).toBe('failed')
    expect(recorded.statuses).toEqual({
      'source/purchases': 'materialized',
      'model/shop/customers': 'materialized',
      'model/shop/browsing': 'materialized',
      'trait/orders': 'failed',
      'trait/genre': 'materialized',
      'user_model/customer': 'upstream_failed',
      'audience/loyal': 'upstream_failed',
      'sync/loyal_to_crm': 'upstream_failed',
    })
    expect(recorded.outcomes.get('sync/loyal_to_crm')).toMatchObject({
      upstream: 'trait/orders',
      reason: 'the model is broken',
    })
    const failed = await stage.client.workflow.getHandle(stepWorkflowId(input, 'trait/orders')).describe()
    expect(failed.status.name).toBe('FAILED')
  })
})

test('in a group only what is downstream of a failure is blocked, whether it failed before the group or in it', async () => {
  const steps = [
    step('source/a'),
    step('source/b'),
    step('dbt/shop', ['source/a', 'source/b'], {
      'model/shop/from_a': ['source/a'],
      'model/shop/from_b': ['source/b'],
      'model/shop/from_both': ['model/shop/from_a', 'model/shop/from_b'],
    }),
    step('trait/a', ['dbt/shop'], { 'trait/a': ['model/shop/from_a'] }),
    step('trait/b', ['dbt/shop'], { 'trait/b': ['model/shop/from_b'] }),
  ]
  let built: string[] = []
  const story = {
    steps,
    work: {
      'source/a': fails(),
      'dbt/shop': (input: { step: { assets: readonly { key: string }[] } }) => {
        built = input.step.assets.map((asset) => asset.key)
      },
    },
  }
  await stage.play(story, async ({ handle, recorded }) => {
    expect((await handle.result()).counts).toEqual({
      materialized: 3,
      fresh: 0,
      failed: 1,
      upstream_failed: 3,
      cancelled: 0,
    })
    expect(built).toEqual(['model/shop/from_b'])
    expect(recorded.statuses).toMatchObject({
      'model/shop/from_a': 'upstream_failed',
      'model/shop/from_both': 'upstream_failed',
      'trait/a': 'upstream_failed',
      'trait/b': 'materialized',
    })
  })
})

test('a failed blocking check lets the asset stand and blocks what is downstream', async () => {
  const work = { 'trait/orders': () => ({ assets: [materialized('trait/orders', ['not_null', 'unique'])] }) }
  await stage.play({ steps: shop, work }, async ({ handle, recorded }) => {
    expect((await handle.result()).status).toBe('failed')
    expect(recorded.outcomes.get('audience/loyal')).toEqual({
      asset: 'audience/loyal',
      status: 'upstream_failed',
      upstream: 'trait/orders',
      reason: 'failed its checks not_null, unique',
    })
  })
})

test('no more steps are under way than the run allows, and pages are read as they are needed', async () => {
  const steps = Array.from({ length: 25 }, (_, at) => step(`trait/t${at}`))
  let release = (): void => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  await stage.play(
    { steps, pageSize: 10, otherwise: () => gate },
    async ({ handle, recorded, progress }) => {
      await eventually(() => recorded.trail.length === 4)
      expect(await progress()).toMatchObject({
        steps: 10,
        ended: 0,
        running: ['trait/t0', 'trait/t1', 'trait/t2', 'trait/t3'],
      })
      release()
      expect((await handle.result()).counts.materialized).toBe(25)
      expect(recorded.most).toBeLessThanOrEqual(4)
    },
    { concurrency: 4 },
  )
})

test('work that fails for a passing reason is tried again', async () => {
  const work = {
    'source/a': (_: unknown, attempt: number) => {
      if (attempt === 1) throw new Error('passing')
    },
  }
  await stage.play({ steps: [step('source/a')], work }, async ({ handle }) => {
    expect((await handle.result()).status).toBe('succeeded')
  })
})

test('a failed send is settled all the same, then recorded as failed; a sync without changes sends nothing', async () => {
  const steps = [step('sync/a'), step('sync/b')]
  await stage.play({ steps, failingSends: ['sync/a'], freshSyncs: ['sync/b'] }, async ({ handle, recorded }) => {
    expect((await handle.result()).counts).toEqual({
      materialized: 0,
      fresh: 1,
      failed: 1,
      upstream_failed: 0,
      cancelled: 0,
    })
    expect(recorded.trail.sort()).toEqual([
      'freeze sync/a',
      'freeze sync/b',
      'send sync/a',
      'settle sync/a after BROKEN',
    ])
    expect(recorded.outcomes.get('sync/a')).toMatchObject({ failure: { code: 'BROKEN', hint: 'mend it' } })
  })
})

test('a sync whose lost attempt had recorded an outcome answers that one, whatever the next attempt finds', async () => {
  const sync = 'sync/b'
  const lost = { asset: sync, status: 'upstream_failed', upstream: 'audience/a', reason: 'its check failed' } as const
  await stage.play({ steps: [step(sync)], lostFreezes: { [sync]: lost } }, async ({ handle, input }) => {
    expect((await handle.result()).counts).toMatchObject({ upstream_failed: 1, fresh: 0 })
    const child = stage.client.workflow.getHandle(stepWorkflowId(input, sync))
    expect(await child.result()).toEqual({ assets: [lost] })
  })
})

test('a second run waits for the step of the first, then does its own', async () => {
  let release = (): void => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  await stage.play({ steps: [step('trait/a')], otherwise: () => gate }, async ({ handle, recorded, input, again }) => {
    await eventually(() => recorded.trail.length === 1)
    const second = await again()
    await eventually(() => recorded.waited.length === 1)
    expect(recorded.waited).toEqual([stepWorkflowId(input, 'trait/a')])
    release()
    expect((await handle.result()).status).toBe('succeeded')
    expect((await second.handle.result()).status).toBe('succeeded')
    expect(recorded.trail).toEqual(['start trait/a', 'end trait/a', 'start trait/a', 'end trait/a'])
  })
})

test('a cancelled run cancels what is under way, waits for it, and records the rest', async () => {
  const steps = [step('source/a'), step('trait/b', ['source/a']), step('audience/c', ['trait/b']), step('source/d')]
  await stage.play({ steps, pageSize: 2, work: { 'trait/b': untilCancelled } }, async ({ handle, recorded, input }) => {
    await eventually(() => recorded.trail.includes('start trait/b') && recorded.trail.includes('end source/d'))
    await handle.cancel()
    const error = await handle.result().then(
      () => undefined,
      (caught: unknown) => caught,
    )
    expect(error).toBeInstanceOf(WorkflowFailedError)
    expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure)
    expect(recorded.statuses).toEqual({
      'source/a': 'materialized',
      'source/d': 'materialized',
      'trait/b': 'cancelled',
      'audience/c': 'cancelled',
    })
    expect(recorded.result).toEqual({
      status: 'cancelled',
      counts: { materialized: 2, fresh: 0, failed: 0, upstream_failed: 0, cancelled: 2 },
    })
    const child = await stage.client.workflow.getHandle(stepWorkflowId(input, 'trait/b')).describe()
    expect(child.status.name).toBe('CANCELLED')
  })
})

test('a step whose workflow is terminated from outside is a failure like any other', async () => {
  const steps = [step('source/a'), step('trait/b', ['source/a'])]
  await stage.play({ steps, work: { 'source/a': untilCancelled } }, async ({ handle, recorded, input }) => {
    await eventually(() => recorded.trail.includes('start source/a'))
    await stage.client.workflow.getHandle(stepWorkflowId(input, 'source/a')).terminate()
    expect((await handle.result()).counts).toMatchObject({ failed: 1, upstream_failed: 1 })
    expect(recorded.outcomes.get('source/a')).toMatchObject({ failure: { code: 'STEP_TERMINATED' } })
  })
})

test('a run of 300 cheap steps stays far below the limits of a history', async () => {
  const steps = Array.from({ length: 300 }, (_, at) => step(`trait/t${at}`, at < 30 ? [] : [`trait/t${at - 30}`]))
  await stage.play(
    { steps },
    async ({ handle, input }) => {
      const started = performance.now()
      expect((await handle.result()).counts.materialized).toBe(300)
      const ms = (performance.now() - started) / 300
      const { historyLength, historySize } = await stage.client.workflow
        .getHandle(runWorkflowId(input, input.run))
        .describe()
      console.log(`300 steps: ${ms.toFixed(1)} ms a step; history of ${historyLength} events, ${historySize} bytes`)
      expect(historyLength).toBeLessThan(4_096)
    },
    { concurrency: 30 },
  )
})
