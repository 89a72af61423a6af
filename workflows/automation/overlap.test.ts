import { randomUUID } from 'node:crypto'
import { Context } from '@temporalio/activity'
import { bundleWorkflowCode, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  cronName,
  projectQueue,
  type AssetSpec,
  type CronTick,
  type CronTrigger,
  type Manifest,
  type OverlapPolicy,
} from '../../orchestrator/contract/index.ts'
import { connectTemporal, createSchedules, type TemporalConnection } from '../../orchestrator/launch/index.ts'
import { packageRoot } from '../../orchestrator/process/index.ts'
import { eventually } from '../../test/harness/eventually.ts'
import { temporalAddress } from '../../test/harness/temporal.ts'

const silent = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
let temporal: TemporalConnection
let native: NativeConnection
let bundle: { code: string }

beforeAll(async () => {
  Runtime.install({ logger: silent })
  temporal = await connectTemporal({ address: temporalAddress() })
  native = await NativeConnection.connect({ address: temporalAddress() })
  bundle = await bundleWorkflowCode({ workflowsPath: join(packageRoot(), 'workflows/index.ts'), logger: silent })
})
afterAll(async () => {
  await native.close()
  await temporal.close()
})

const hours = ['01', '02', '03'].map((hour) => `2026-03-01T${hour}:00:00.000Z`)

interface Stage {
  /** Has the time come: asked of Temporal's schedule, whose own policy decides. */
  readonly come: (at: string) => Promise<void>
  /** Times whose run was started, in order. */
  readonly started: readonly string[]
  readonly cancelled: readonly string[]
  /** The run of a time ends. */
  readonly end: (at: string) => void
  /** Runs under way at once, at most. */
  readonly most: () => number
  readonly skipped: () => Promise<number>
  /** Times that wait. */
  readonly buffered: () => Promise<number>
  /** The schedule knows of nothing under way. */
  readonly rests: () => Promise<boolean>
}

/** A schedule of every hour as `deploy` makes it; runs end when the test says, or are cancelled. */
async function withCron(overlap: OverlapPolicy, play: (stage: Stage) => Promise<void>): Promise<void> {
  const scope = { environment: 'test', project: `o${randomUUID()}` }
  const trigger: CronTrigger = { cron: '0 * * * *', timeZone: 'UTC', overlap, catchUpSeconds: 3_600 }
  const spec = { kind: 'trait', key: 'trait/t', deps: [], automation: { op: 'on_cron', trigger } }
  const manifest = { assets: [spec as unknown as AssetSpec] } as unknown as Manifest
  const schedules = createSchedules(temporal.client)
  await schedules.reconcile(scope, manifest)
  const id = `${scope.environment}/${scope.project}/schedule/cron/${cronName(trigger)}`
  const handle = temporal.client.schedule.getHandle(id)
  const [started, cancelled]: [string[], string[]] = [[], []]
  const ends = new Map<string, () => void>()
  const ended = new Map(hours.map((at) => [at, new Promise<void>((resolve) => ends.set(at, resolve))]))
  const end = (at: string): void => ends.get(at)?.()
  const rests = async (): Promise<boolean> => (await handle.describe()).info.runningActions.length === 0
  let [busy, most] = [0, 0]
  const worker = await Worker.create({
    ...{ connection: native, taskQueue: projectQueue(scope), workflowBundle: bundle },
    maxHeartbeatThrottleInterval: 100,
    activities: {
      evaluateAutomation: ({ tick }: { tick: CronTick }) => {
        started.push(tick.at)
        return { nextAt: null, runs: [tick.at] }
      },
      awaitStep: async ({ workflowId }: { workflowId: string }) => {
        const context = Context.current()
        const beat = setInterval(() => context.heartbeat(), 50)
        most = Math.max(most, ++busy)
        try {
          await Promise.race([ended.get(workflowId.slice(workflowId.indexOf('/run/') + 5)), context.cancelled])
        } finally {
          busy--
          clearInterval(beat)
        }
      },
      cancelRun: ({ run }: { run: string }) => {
        cancelled.push(run)
        end(run)
      },
    },
  })
  try {
    await worker.runUntil(async () => {
      await play({
        come: async (at) => handle.backfill({ start: new Date(at), end: new Date(at) }),
        ...{ started, cancelled, end, most: () => most },
        skipped: async () => (await handle.describe()).info.numActionsSkippedOverlap,
        buffered: async () => Number((await handle.describe()).raw.info?.bufferSize ?? 0),
        rests,
      })
      for (const at of hours) end(at)
      await eventually(rests)
    })
  } finally {
    await schedules.reconcile(scope, { ...manifest, assets: [] })
  }
}

const [first, second, third] = hours as [string, string, string]

test('skip: what comes while the time before is under way does not run', async () => {
  await withCron('skip', async ({ come, started, end, skipped, rests }) => {
    await come(first)
    await eventually(() => started.length === 1)
    await come(second)
    await eventually(async () => (await skipped()) === 1)
    end(first)
    await eventually(rests)
    await come(third)
    await eventually(() => started.length === 2)
    expect(started).toEqual([first, third])
  })
})

test('buffer_one: the next one runs afterwards, and those behind it do not', async () => {
  await withCron('buffer_one', async ({ come, started, end, skipped, most, buffered }) => {
    await come(first)
    await eventually(() => started.length === 1)
    await come(second)
    await eventually(async () => (await buffered()) === 1)
    await come(third)
    await eventually(async () => (await skipped()) === 1)
    expect(started).toEqual([first])
    end(first)
    await eventually(() => started.length === 2)
    expect([started, most()]).toEqual([[first, second], 1])
  })
})

test('buffer_all: all run, one after the other', async () => {
  await withCron('buffer_all', async ({ come, started, end, most, buffered }) => {
    await come(first)
    await eventually(() => started.length === 1)
    await come(second)
    await eventually(async () => (await buffered()) === 1)
    await come(third)
    await eventually(async () => (await buffered()) === 2)
    for (const [index, at] of hours.entries()) {
      await eventually(() => started.length === index + 1)
      end(at)
    }
    expect([started, most()]).toEqual([hours, 1])
  })
})

test('cancel_other: what is under way is cancelled with its run, then the next one begins', async () => {
  await withCron('cancel_other', async ({ come, started, cancelled, most }) => {
    await come(first)
    await eventually(() => most() === 1)
    await come(second)
    await eventually(() => started.length === 2)
    expect([started, cancelled, most()]).toEqual([[first, second], [first], 1])
  })
})

test('allow_all: they run beside each other', async () => {
  await withCron('allow_all', async ({ come, started, cancelled, most }) => {
    for (const [index, at] of hours.entries()) {
      await come(at)
      await eventually(() => most() === index + 1)
    }
    expect([[...started].sort(), cancelled]).toEqual([hours, []])
  })
})
