import { randomUUID } from 'node:crypto'
import { Client, Connection, type WorkflowHandle } from '@temporalio/client'
import { bundleWorkflowCode, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  automationWorkflowId,
  automationWorkflowType,
  projectQueue,
  type EvaluationResult,
  type Scope,
} from '../../orchestrator/contract/index.ts'
import { automation as defined } from '../../orchestrator/define/index.ts'
import { wakeAutomation } from '../../orchestrator/launch/index.ts'
import { packageRoot } from '../../orchestrator/process/index.ts'
import { eventually } from '../../test/harness/eventually.ts'
import { temporalAddress } from '../../test/harness/temporal.ts'
import { AutomationWorld } from '../../test/plan/automation-world.ts'

const silent = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
let connection: Connection
let native: NativeConnection
let client: Client
let bundle: { code: string }

beforeAll(async () => {
  Runtime.install({ logger: silent })
  connection = await Connection.connect({ address: temporalAddress() })
  native = await NativeConnection.connect({ address: temporalAddress() })
  client = new Client({ connection })
  bundle = await bundleWorkflowCode({ workflowsPath: join(packageRoot(), 'workflows/index.ts'), logger: silent })
})
afterAll(async () => {
  await native.close()
  await connection.close()
})

interface Stage {
  readonly scope: Scope
  readonly evaluations: { readonly tick: unknown; readonly at: number }[]
  readonly cancelled: string[]
}

/** A worker whose evaluations answer what `answer` says. */
async function withWorker(
  answer: (evaluation: number) => EvaluationResult | Promise<EvaluationResult>,
  work: (stage: Stage) => Promise<void>,
): Promise<void> {
  const scope = { environment: 'test', project: `a${randomUUID()}` }
  const stage: Stage = { scope, evaluations: [], cancelled: [] }
  const worker = await Worker.create({
    connection: native,
    taskQueue: projectQueue(scope),
    workflowBundle: bundle,
    activities: {
      evaluateAutomation: ({ tick }: { tick: unknown }) => {
        stage.evaluations.push({ tick, at: Date.now() })
        return answer(stage.evaluations.length)
      },
      cancelRun: ({ run }: { run: string }) => void stage.cancelled.push(run),
      awaitStep: () => undefined,
    },
  })
  await worker.runUntil(() => work(stage))
}

const idle: EvaluationResult = { nextAt: null, runs: [] }
const statusOf = async (scope: Scope) =>
  (await client.workflow.getHandle(automationWorkflowId(scope)).describe()).status.name

test('woken, it evaluates and ends; many wakes at once are a few evaluations, and none is lost', async () => {
  let release = (): void => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  await withWorker(
    (evaluation) => (evaluation === 1 ? gate.then(() => idle) : idle),
    async ({ scope, evaluations }) => {
      await wakeAutomation(client, scope)
      await eventually(() => evaluations.length === 1)
      for (let wake = 0; wake < 20; wake++) await wakeAutomation(client, scope)
      release()
      await eventually(async () => evaluations.length >= 2 && (await statusOf(scope)) === 'COMPLETED')
      expect(evaluations.length).toBeLessThanOrEqual(3)
      await wakeAutomation(client, scope)
      await eventually(() => evaluations.length >= 3)
    },
  )
})

test('waits for the instant that an evaluation names, or until it is woken before', async () => {
  const soon = Date.now() + 1_500
  const answers: readonly EvaluationResult[] = [
    { nextAt: new Date(Date.now() + 3_600_000).toISOString(), runs: [] },
    { nextAt: new Date(soon).toISOString(), runs: [] },
    idle,
  ]
  await withWorker(
    (evaluation) => answers[evaluation - 1] ?? idle,
    async ({ scope, evaluations }) => {
      await wakeAutomation(client, scope)
      await eventually(() => evaluations.length === 1)
      expect(await statusOf(scope)).toBe('RUNNING')
      await wakeAutomation(client, scope)
      await eventually(async () => (await statusOf(scope)) === 'COMPLETED')
      expect(evaluations).toHaveLength(3)
      expect(evaluations[2]!.at).toBeGreaterThanOrEqual(soon - 50)
    },
  )
})

/** Starts it such that time is skipped while nothing is under way. */
async function startSkipping(scope: Scope): Promise<void> {
  const converter = client.options.loadedDataConverter.payloadConverter
  await client.workflowService.startWorkflowExecution({
    namespace: client.options.namespace,
    requestId: randomUUID(),
    workflowId: automationWorkflowId(scope),
    workflowType: { name: automationWorkflowType },
    taskQueue: { name: projectQueue(scope) },
    input: { payloads: [converter.toPayload(scope)] },
    timeSkippingConfig: { enabled: true },
  })
}

test('ten minutes of quiet pass, and then what waited for them starts', async () => {
  const { onUpstreamChange, quietFor } = defined
  const world = new AutomationWorld({ 'source/a': [], 'trait/b': ['source/a'] }).materializeAll()
  world.automate(onUpstreamChange().and(quietFor(10)), 'trait/b')
  const started: string[][] = []
  let first = 0
  await withWorker(
    (evaluation) => {
      if (evaluation === 1) {
        world.now = first = Date.now()
        world.change('source/a')
      } else {
        // The workflow's clock is ahead of this process' one: it asks when it believes the time has come.
        world.now = Date.parse(world.memories['trait/b']?.nextAt ?? '')
      }
      started.push(world.evaluate(['source/a']))
      return { nextAt: world.memories['trait/b']?.nextAt ?? null, runs: [] }
    },
    async ({ scope }) => {
      await startSkipping(scope)
      const handle = client.workflow.getHandle(automationWorkflowId(scope))
      await handle.result()
      expect(started).toEqual([[], ['trait/b']])
      expect(Date.now() - first).toBeLessThan(60_000)
      const { events } = await handle.fetchHistory()
      expect(minutesOf(events ?? [])).toBeCloseTo(10, 0)
    },
  )
})

function minutesOf(events: NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>): number {
  const [from, to] = [events[0], events.at(-1)].map((event) => Number(event?.eventTime?.seconds ?? 0))
  return ((to ?? 0) - (from ?? 0)) / 60
}

test('a time of a cron lasts as long as its runs', async () => {
  await withWorker(
    () => ({ nextAt: null, runs: ['r1', 'r2'] }),
    async ({ scope, evaluations }) => {
      const handle = await client.workflow.start('cronTick', {
        workflowId: `tick-${randomUUID()}`,
        taskQueue: projectQueue(scope),
        args: [{ ...scope, cron: '0 6 * * * UTC' }],
      })
      await handle.result()
      expect(evaluations).toMatchObject([
        { tick: { cron: '0 6 * * * UTC', at: expect.stringMatching(/Z$/) as string } },
      ])
      const { events = [] } = await handle.fetchHistory()
      expect(events?.filter((event) => event.activityTaskScheduledEventAttributes)).toHaveLength(2)
    },
  )
})
