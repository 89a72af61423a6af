import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../test/harness/eventually.ts'
import { freshStore } from '../test/store/fresh-store.ts'
import { openStage, step, type Stage } from '../test/workflows/stage.ts'
import { untilCancelled } from '../test/workflows/stub-activities.ts'
import { runWorkflowId, stepWorkflowId, type PlanStep } from '../orchestrator/contract/index.ts'
import { createLeaseKeeper } from '../orchestrator/launch/index.ts'
import type { LeaseStore } from '../orchestrator/store/index.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

async function keeper(limits: Readonly<Record<string, number>>) {
  const { store } = await freshStore()
  for (const [pool, slots] of Object.entries(limits)) await store.leases.setLimit('test', pool, slots)
  return { leases: store.leases, keeper: createLeaseKeeper({ client: stage.client, leases: store.leases }) }
}

const pooled = (id: string, ...pools: string[]): PlanStep => ({ ...step(id), pools })

const empty = async (leases: LeaseStore): Promise<void> => {
  const { held, waiting } = await leases.use('test')
  expect({ held, waiting }).toEqual({ held: [], waiting: [] })
}

test('200 steps on a pool of five: never more than five at once, and all of them end', async () => {
  const { leases, keeper: hands } = await keeper({ narrow: 5, wide: 40 })
  const steps = Array.from({ length: 200 }, (_, at) =>
    pooled(`trait/t${at}`, 'narrow', ...(at % 3 === 0 ? ['wide'] : [])),
  )
  const work = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
  await stage.play(
    { steps, leases: hands, otherwise: work },
    async ({ handle, recorded }) => {
      const started = performance.now()
      expect((await handle.result()).counts.materialized).toBe(200)
      console.log(`200 steps on a pool of five: ${((performance.now() - started) / 200).toFixed(1)} ms a step`)
      expect(recorded.most).toBeLessThanOrEqual(5)
      expect(recorded.most).toBeGreaterThan(1)
      await empty(leases)
    },
    { concurrency: 60 },
  )
}, 120_000)

test('a step whose workflow is terminated leaks nothing: who waits finds out and goes on', async () => {
  const { leases, keeper: hands } = await keeper({ narrow: 1 })
  const steps = [pooled('trait/a', 'narrow'), pooled('trait/b', 'narrow')]
  let hang = true
  await stage.play(
    { steps, leases: hands, otherwise: () => (hang ? untilCancelled() : undefined) },
    async ({ handle, recorded, input }) => {
      await eventually(async () => (await leases.use('test')).waiting.length === 1)
      // Holding the slot is not yet being at work: what has not begun would see that it need not hang.
      await eventually(() => recorded.trail.length === 1)
      hang = false
      const [holder] = (await leases.use('test')).held
      await stage.client.workflow.getHandle(stepWorkflowId(input, holder?.step ?? '')).terminate()
      expect((await handle.result()).counts).toMatchObject({ materialized: 1, failed: 1 })
      expect(Object.values(recorded.statuses).toSorted()).toEqual(['failed', 'materialized'])
    },
  )
}, 60_000)

test('a run that is cancelled gives back what it holds and what it waits for', async () => {
  const { leases, keeper: hands } = await keeper({ narrow: 1 })
  const steps = [pooled('trait/a', 'narrow'), pooled('trait/b', 'narrow')]
  await stage.play({ steps, leases: hands, otherwise: untilCancelled }, async ({ handle, recorded }) => {
    await eventually(async () => (await leases.use('test')).waiting.length === 1)
    await handle.cancel()
    await handle.result().catch(() => undefined)
    expect(recorded.statuses).toEqual({ 'trait/a': 'cancelled', 'trait/b': 'cancelled' })
    await empty(leases)
  })
})

test('runs wait for a slot of their own before they are planned, and are counted to their end', async () => {
  const { leases, keeper: hands } = await keeper({ runs: 1 })
  let release = (): void => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  const story = { steps: [step('trait/a')], leases: hands, otherwise: () => gate }
  await stage.play(
    story,
    async ({ handle, recorded, input, again }) => {
      await eventually(() => recorded.trail.length === 1)
      const second = await again()
      await eventually(async () => (await leases.use('test')).waiting.length === 1)
      expect((await leases.use('test')).waiting).toMatchObject([
        { workflowId: runWorkflowId(input, second.input.run), full: ['runs'], position: 1, step: null },
      ])
      expect(recorded.plans).toBe(1)
      release()
      await handle.result()
      expect((await second.handle.result()).status).toBe('succeeded')
      expect(recorded.plans).toBe(2)
      await empty(leases)
    },
    { pools: ['runs'] },
  )
})

test('a run that is cancelled while it waits ends as cancelled, without a plan', async () => {
  const { leases, keeper: hands } = await keeper({ runs: 0 })
  await stage.play(
    { steps: [step('trait/a')], leases: hands },
    async ({ handle, recorded }) => {
      await eventually(async () => (await leases.use('test')).waiting.length === 1)
      await handle.cancel()
      await handle.result().catch(() => undefined)
      expect(recorded).toMatchObject({ plans: 0, result: { status: 'cancelled' } })
      await empty(leases)
    },
    { pools: ['runs'] },
  )
})

test('calls that are carried out and lost with their worker are repeated, and no slot is lost with them', async () => {
  const { leases, keeper: hands } = await keeper({ narrow: 3 })
  let calls = 0
  const losing = <Input, Output>(call: (input: Input) => Promise<Output>) => {
    return async (input: Input): Promise<Output> => {
      const output = await call(input)
      if (++calls % 3 === 0) throw new Error('the worker is gone')
      return output
    }
  }
  const lossy = { acquireLease: losing(hands.acquireLease), releaseLease: losing(hands.releaseLease) }
  const steps = Array.from({ length: 30 }, (_, at) => pooled(`trait/t${at}`, 'narrow'))
  await stage.play({ steps, leases: lossy }, async ({ handle, recorded }) => {
    expect((await handle.result()).counts.materialized).toBe(30)
    expect(recorded.most).toBeLessThanOrEqual(3)
    await empty(leases)
  })
}, 60_000)
