import { afterAll, beforeAll, expect, test } from 'vitest'
import { runWorkflowId } from '../../orchestrator/contract/index.ts'
import { openStage, step, type Stage } from '../../test/workflows/stage.ts'
import { fails } from '../../test/workflows/stub-activities.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage('test/workflows/short-history.ts')
})
afterAll(() => stage.close())

test('a long run goes on in new histories and forgets nothing', async () => {
  const steps = Array.from({ length: 60 }, (_, at) => step(`trait/t${at}`, at < 10 ? [] : [`trait/t${at - 10}`]))
  await stage.play(
    { steps, pageSize: 7, fresh: 2, work: { 'trait/t3': fails() } },
    async ({ handle, recorded, input }) => {
      const result = await handle.result()
      expect(result).toEqual({
        status: 'failed',
        counts: { materialized: 54, fresh: 2, failed: 1, upstream_failed: 5, cancelled: 0 },
      })
      expect(recorded.trail.filter((entry) => entry.startsWith('start')).length).toBe(55)
      expect(recorded.outcomes.get('trait/t53')).toMatchObject({ status: 'upstream_failed', upstream: 'trait/t3' })
      const last = await stage.client.workflow.getHandle(runWorkflowId(input, input.run)).describe()
      expect(last.runId).not.toBe(handle.firstExecutionRunId)
      expect(recorded.plans).toBeGreaterThan(2)
    },
  )
})
