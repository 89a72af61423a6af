import { Context } from '@temporalio/activity'
import { NativeConnection, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createLauncher, newRunId } from '../orchestrator/launch/index.ts'
import { stepWorkflowId, type AssetKey, type RunInput } from '../orchestrator/contract/index.ts'
import { eventually } from '../test/harness/eventually.ts'
import { temporalAddress } from '../test/harness/temporal.ts'
import { freshStore, manifestOf } from '../test/store/fresh-store.ts'
import { openStage, step, type Stage } from '../test/workflows/stage.ts'
import { Recorded, stubActivities } from '../test/workflows/stub-activities.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const keysOf = (size: number): AssetKey[] => Array.from({ length: size }, (_, at): AssetKey => `trait/t${at}`)

/** A queue that projects share, and whose one worker does one thing at a time. */
async function sharedQueue() {
  const { store } = await freshStore()
  const queue = `warehouse/shared_${process.pid}_${Date.now().toString(36)}`
  const served: { readonly project: string; readonly priority: number | undefined }[] = []
  let open: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (open = resolve))
  const recorded = new Recorded()
  const stubs = stubActivities(
    {
      steps: [],
      otherwise: async (input) => {
        const context = Context.current()
        const beat = setInterval(() => context.heartbeat(), 1_000)
        await gate
        // Temporal looks for the next task meanwhile.
        await new Promise((resolve) => setTimeout(resolve, 20))
        clearInterval(beat)
        const { priority } = context.info
        expect(priority?.fairnessKey).toBe(input.project)
        served.push({ project: input.project, priority: priority?.priorityKey })
      },
    },
    recorded,
    stage.client,
  )
  const sizes = new Map<string, number>()
  const connection = await NativeConnection.connect({ address: temporalAddress() })
  const worker = await Worker.create({
    ...{ connection, namespace: 'default', taskQueue: queue, workflowBundle: stage.bundle },
    maxConcurrentActivityTaskExecutions: 1,
    activities: {
      ...stubs,
      planRun: async ({ project }: RunInput) => {
        const steps = keysOf(sizes.get(project) ?? 0).map((key) => step(key))
        return { steps, fresh: 0, force: false, next: null }
      },
    },
  })
  const working = worker.run()
  onTestFinished(async () => {
    worker.shutdown()
    await working
    await connection.close()
  })
  const launcher = createLauncher({ client: stage.client, store })
  const environment = `fair_${Date.now().toString(36)}`
  return {
    served,
    open,
    async start(project: string, size: number, priority?: number): Promise<() => Promise<unknown>> {
      sizes.set(project, size)
      const [run, keys] = [newRunId(), keysOf(size)]
      const scope = { environment, project }
      const last = stage.client.workflow.getHandle(stepWorkflowId(scope, keys.at(-1) as AssetKey))
      const { workflowId } = await launcher.startRun({
        ...{ scope, run, revision: 1, manifest: manifestOf(keys), selection: '*', targets: keys, force: false },
        ...{ concurrency: 50, warehouseQueue: queue, ...(priority !== undefined && { priority }) },
      })
      // All of its steps wait in the queue.
      await eventually(async () => {
        const described = await last.describe().catch(() => null)
        return described?.raw.pendingActivities?.length === 1
      })
      return () => stage.client.workflow.getHandle(workflowId).result()
    },
  }
}

/** In the order of service, from 1; in the order of their coming those of the second run would be the last. */
function meanPlace(served: readonly { readonly project: string }[], of: string): number {
  const places = served.flatMap(({ project }, at) => (project === of ? [at + 1] : []))
  return places.reduce((sum, place) => sum + place, 0) / places.length
}

test('a project with few steps in a busy queue is not starved by one with many that came before', async () => {
  const { served, open, start } = await sharedQueue()
  const many = await start('many', 30)
  const few = await start('few', 8)
  open()
  await Promise.all([many(), few()])
  console.log(`8 steps behind 30 others had place ${meanPlace(served, 'few')} on average, and not 34.5`)
  expect(meanPlace(served, 'few')).toBeLessThan(26)
}, 120_000)

test('a run of a higher priority goes before what waits, steps and activities included', async () => {
  const { served, open, start } = await sharedQueue()
  const many = await start('usual', 30)
  const few = await start('first', 8, 1)
  open()
  await Promise.all([many(), few()])
  expect(new Set(served.map(({ project, priority }) => `${project} ${priority}`))).toEqual(
    new Set(['usual 3', 'first 1']),
  )
  console.log(`8 urgent steps behind 30 others had place ${meanPlace(served, 'first')} on average, and not 34.5`)
  expect(meanPlace(served, 'first')).toBeLessThan(20)
}, 120_000)
