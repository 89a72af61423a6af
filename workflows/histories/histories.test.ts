import type { WorkflowHandle } from '@temporalio/client'
import { Worker } from '@temporalio/worker'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format } from 'prettier'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../test/harness/eventually.ts'
import {
  automationWorkflowId,
  automationWorkflowType,
  backfillSignals,
  backfillWorkflowId,
  backfillWorkflowType,
  checkRunWorkflowId,
  dryRunWorkflowId,
  dryRunWorkflowType,
  checkRunWorkflowType,
  cronTickWorkflowType,
  deliverWebhookWorkflowType,
  freshnessWorkflowId,
  freshnessWorkflowType,
  leaseGranted,
  maintenanceWorkflowType,
  pollSensorWorkflowType,
  stepWorkflowId,
  type LeaseActivities,
  type Scope,
} from '../../orchestrator/contract/index.ts'
import { wakeAutomation } from '../../orchestrator/launch/index.ts'
import { packageRoot } from '../../orchestrator/process/index.ts'
import { historyFromJson, historyToJson } from '../../test/workflows/history-json.ts'
import { openStage, step, type Act, type Stage } from '../../test/workflows/stage.ts'
import { fails, untilCancelled, type Behaviour, type Story } from '../../test/workflows/stub-activities.ts'

const folder = join(packageRoot(), 'workflows/histories')

const steps = [
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

/** A story, what happens in it, and whose history is kept: the run's or one of its steps'. */
interface Recording {
  readonly story: Story
  readonly meanwhile: (act: Act) => Promise<unknown>
  /** A step's id, or a whole workflow's. */
  readonly of?: string | ((act: Act) => string)
  /** Of which the run needs a slot. */
  readonly pools?: readonly string[]
}

const toItsEnd = (act: Act): Promise<unknown> => act.handle.result().catch(() => undefined)

const cancelDuring =
  (id: string) =>
  async (act: Act): Promise<unknown> => {
    await eventually(() => act.recorded.trail.includes(`start ${id}`))
    await act.handle.cancel()
    return toItsEnd(act)
  }

/** Slots that are granted when they are asked for again. */
function onSecondAsking(): LeaseActivities {
  let asked = 0
  return { acquireLease: async () => ({ granted: ++asked > 1 }), releaseLease: async () => undefined }
}

const never: LeaseActivities = { acquireLease: async () => ({ granted: false }), releaseLease: async () => undefined }

const pooled = [{ ...step('trait/orders'), pools: ['narrow'] }]

/** Tells the waiting workflow that it may go on. */
const grantTo =
  (of: string | null) =>
  async (act: Act): Promise<unknown> => {
    const id = of === null ? act.handle.workflowId : stepWorkflowId(act.input, of)
    const handle = stage.client.workflow.getHandle(id)
    await eventually(async () => {
      const history = await handle.fetchHistory().catch(() => null)
      return history?.events?.some((event) => event.timerStartedEventAttributes) === true
    })
    const { raw } = await handle.describe()
    await handle.signal(
      leaseGranted,
      raw.workflowExecutionInfo?.firstRunId ?? raw.workflowExecutionInfo?.execution?.runId,
    )
    return toItsEnd(act)
  }

/** A workflow that is of no run, beside one that does nothing. */
const beside =
  (type: string, idOf: (act: Act) => string, args: (act: Act) => readonly [unknown]) =>
  async (act: Act): Promise<unknown> => {
    await toItsEnd(act)
    const { warehouseQueue: taskQueue } = act.input
    const started = await stage.client.workflow.start(type, { workflowId: idOf(act), taskQueue, args: [...args(act)] })
    return started.result().catch(() => undefined)
  }

const assets = Array.from({ length: 45 }, (_, n) => `trait/t${n}` as const)
const dryRunId = (act: Act): string => dryRunWorkflowId(act.input, 'd1')
const checksId = (act: Act): string => checkRunWorkflowId(act.input, 'c1')

const automationId = (act: Act): string => automationWorkflowId(act.input)
const scopeOf = ({ input: { environment, project } }: Act): Scope => ({ environment, project })
const inStory = (act: Act, what: string): string => `${act.handle.workflowId}/${what}`

/** Such as a schedule starts it. */
const scheduled = (type: string, what: string, fields: (act: Act) => object): Omit<Recording, 'story'> => ({
  meanwhile: beside(
    type,
    (act) => inStory(act, what),
    (act) => [{ ...scopeOf(act), ...fields(act) }],
  ),
  of: (act) => inStory(act, what),
})

const backfillId = (act: Act): string => backfillWorkflowId(act.input, 'b1')

/** A backfill beside a run that has ended; `meanwhile` it is steered. */
const backfilled = (
  runs: number,
  work: Behaviour,
  steered: (act: Act, handle: WorkflowHandle) => Promise<unknown> = () => Promise.resolve(),
): Recording => ({
  story: {
    steps: [step('trait/orders')],
    work: { 'trait/orders': (input, attempt) => (input.run.startsWith('b1') ? work(input, attempt) : undefined) },
  },
  meanwhile: async (act) => {
    await toItsEnd(act)
    const { warehouseQueue, revision } = act.input
    const handle = await stage.client.workflow.start(backfillWorkflowType, {
      workflowId: backfillId(act),
      taskQueue: warehouseQueue,
      args: [{ ...scopeOf(act), backfill: 'b1', revision, warehouseQueue, concurrency: 2, runs }],
    })
    await steered(act, handle)
    return handle.result().catch(() => undefined)
  },
  of: backfillId,
})

const recordings: Readonly<Record<string, Recording>> = {
  'run-succeeded': { story: { steps, pageSize: 3, fresh: 2 }, meanwhile: toItsEnd },
  'run-failed': { story: { steps, work: { 'trait/orders': fails() } }, meanwhile: toItsEnd },
  'run-cancelled': {
    story: { steps, pageSize: 4, work: { 'trait/orders': untilCancelled } },
    meanwhile: cancelDuring('trait/orders'),
  },
  'dbt-succeeded': { story: { steps }, meanwhile: toItsEnd, of: 'dbt/shop' },
  'trait-failed': { story: { steps, work: { 'trait/orders': fails() } }, meanwhile: toItsEnd, of: 'trait/orders' },
  'trait-cancelled': {
    story: { steps, work: { 'trait/orders': untilCancelled } },
    meanwhile: cancelDuring('trait/orders'),
    of: 'trait/orders',
  },
  'trait-quick': {
    story: { steps: [{ ...step('trait/orders'), quick: true }] },
    meanwhile: toItsEnd,
    of: 'trait/orders',
  },
  'sync-succeeded': { story: { steps }, meanwhile: toItsEnd, of: 'sync/loyal_to_crm' },
  'sync-fresh': {
    story: { steps, freshSyncs: ['sync/loyal_to_crm'] },
    meanwhile: toItsEnd,
    of: 'sync/loyal_to_crm',
  },
  'checks-passed': {
    story: { steps: [] },
    meanwhile: beside(checkRunWorkflowType, checksId, ({ input }) => [{ ...input, run: 'c1', assets, accept: false }]),
    of: checksId,
  },
  'dry-run': {
    story: { steps: [] },
    meanwhile: beside(dryRunWorkflowType, dryRunId, ({ input }) => [
      { ...input, id: 'd1', sync: 'sync/loyal_to_crm', samples: 5 },
    ]),
    of: dryRunId,
  },
  'freshness-watched': {
    story: { steps: [] },
    meanwhile: beside(
      freshnessWorkflowType,
      ({ input }) => freshnessWorkflowId(input),
      ({ input: { environment, project } }) => [{ environment, project }],
    ),
    of: ({ input }) => freshnessWorkflowId(input),
  },
  'automation-timed': {
    story: { steps: [], evaluateAgainInMs: 200 },
    meanwhile: beside(automationWorkflowType, automationId, (act) => [scopeOf(act)]),
    of: automationId,
  },
  'automation-woken': {
    story: { steps: [], evaluateAgainInMs: 3_600_000 },
    meanwhile: async (act) => {
      await wakeAutomation(stage.client, scopeOf(act))
      const handle = stage.client.workflow.getHandle(automationId(act))
      await eventually(
        async () => (await handle.fetchHistory()).events?.some((event) => event.timerStartedEventAttributes) === true,
      )
      await wakeAutomation(stage.client, scopeOf(act))
      return handle.result()
    },
    of: automationId,
  },
  'cron-tick': {
    story: { steps: [step('trait/orders')] },
    ...scheduled(cronTickWorkflowType, 'tick', ({ input }) => ({ cron: input.run })),
  },
  'cron-tick-cancelled': {
    story: { steps: [step('trait/orders')], work: { 'trait/orders': untilCancelled } },
    meanwhile: async (act) => {
      await eventually(() => act.recorded.trail.includes('start trait/orders'))
      const tick = await stage.client.workflow.start(cronTickWorkflowType, {
        workflowId: inStory(act, 'tick'),
        taskQueue: act.input.warehouseQueue,
        args: [{ ...scopeOf(act), cron: act.input.run }],
      })
      await eventually(() => act.recorded.waited.length === 1)
      await tick.cancel()
      await tick.result().catch(() => undefined)
      return toItsEnd(act)
    },
    of: (act) => inStory(act, 'tick'),
  },
  'sensor-polled': {
    story: { steps: [] },
    ...scheduled(pollSensorWorkflowType, 'poll', () => ({ sensor: 'exports', timeoutSeconds: 5 })),
  },
  'webhook-delivered': {
    story: { steps: [] },
    ...scheduled(deliverWebhookWorkflowType, 'delivery', () => ({
      ...{ webhook: 'orders', delivery: 'd1', timeoutSeconds: 5 },
    })),
  },
  'backfill-succeeded': backfilled(2, () => undefined),
  'backfill-paused': backfilled(
    1,
    () => new Promise<void>((resolve) => setTimeout(resolve, 300)),
    async ({ recorded: { trail } }, handle) => {
      await eventually(() => trail.includes('end batch 0'))
      await handle.signal(backfillSignals.pause)
      await eventually(() => trail.includes('paused'))
      await handle.signal(backfillSignals.resume)
    },
  ),
  'backfill-cancelled': backfilled(2, untilCancelled, async ({ recorded: { trail } }, handle) => {
    await eventually(() => trail.filter((what) => what === 'start trait/orders').length === 2)
    await handle.cancel()
  }),
  maintained: { story: { steps: [] }, ...scheduled(maintenanceWorkflowType, 'maintenance', () => ({})) },
  'sync-failed': {
    story: { steps, failingSends: ['sync/loyal_to_crm'] },
    meanwhile: toItsEnd,
    of: 'sync/loyal_to_crm',
  },
  'run-queued': {
    story: { steps: [step('trait/orders')], leases: never },
    meanwhile: grantTo(null),
    pools: ['runs'],
  },
  'run-cancelled-while-queued': {
    story: { steps: [step('trait/orders')], leases: never },
    meanwhile: async (act) => {
      await act.handle.cancel()
      return toItsEnd(act)
    },
    pools: ['runs'],
  },
  'trait-slot-at-once': { story: { steps: pooled }, meanwhile: toItsEnd, of: 'trait/orders' },
  'trait-slot-told': {
    story: { steps: pooled, leases: never },
    meanwhile: grantTo('trait/orders'),
    of: 'trait/orders',
  },
  'trait-slot-asked-again': {
    story: { steps: pooled, leases: onSecondAsking() },
    meanwhile: toItsEnd,
    of: 'trait/orders',
  },
}

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

async function kept(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
}

test('each kind of history is kept: a missing one is recorded now', async () => {
  const before = await kept()
  for (const [name, { story, meanwhile, of, pools }] of Object.entries(recordings)) {
    if (before.includes(`${name}.json`)) continue
    const record = async (act: Act): Promise<void> => {
      await meanwhile(act)
      const id = typeof of === 'string' ? stepWorkflowId(act.input, of) : (of?.(act) ?? act.handle.workflowId)
      const history = await stage.client.workflow.getHandle(id).fetchHistory()
      // A worker's identity is its process and machine.
      const json = historyToJson(history).replaceAll(/"\d+@[^"]+"/g, `"worker"`)
      await writeFile(join(folder, `${name}.json`), await format(json, { parser: 'json' }))
    }
    await stage.play(story, record, { ...(pools !== undefined && { pools }) })
  }
  expect(await kept()).toEqual(expect.arrayContaining(Object.keys(recordings).map((name) => `${name}.json`)))
})

test('every kept history replays: running workflows survive this code', async () => {
  for (const name of await kept()) {
    const history = historyFromJson(await readFile(join(folder, name), 'utf8'))
    await expect(Worker.runReplayHistory({ workflowBundle: stage.bundle }, history), name).resolves.toBeUndefined()
  }
})
