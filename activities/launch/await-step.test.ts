import { CancelledFailure } from '@temporalio/common'
import { Client, Connection } from '@temporalio/client'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporalAddress } from '../../test/harness/temporal.ts'
import { createLaunchActivities } from './await-step.ts'

let connection: Connection
let client: Client
beforeAll(async () => {
  connection = await Connection.connect({ address: temporalAddress() })
  client = new Client({ connection })
})
afterAll(() => connection.close())

/** Nobody works on the queue: the workflow stays open until the test ends it. */
async function openWorkflow(): Promise<string> {
  const workflowId = `await-step-${process.pid}-${Math.random().toString(36).slice(2)}`
  await client.workflow.start('anything', { workflowId, taskQueue: workflowId, args: [] })
  return workflowId
}

test('waits for a workflow to end, however it ends', async () => {
  const { awaitStep } = createLaunchActivities({ client })
  const workflowId = await openWorkflow()
  const environment = new MockActivityEnvironment()
  const beating = new Promise<void>((resolve) => environment.on('heartbeat', () => resolve()))
  let over = false
  const waiting = environment.run(awaitStep, { workflowId }).then(() => (over = true))
  await beating
  expect(over).toBe(false)
  await client.workflow.getHandle(workflowId).terminate()
  await waiting
})

test('a workflow that is not there has ended', async () => {
  const { awaitStep } = createLaunchActivities({ client })
  await new MockActivityEnvironment().run(awaitStep, { workflowId: 'no-such-workflow' })
})

test('stops waiting when it is cancelled', async () => {
  const { awaitStep } = createLaunchActivities({ client })
  const workflowId = await openWorkflow()
  const environment = new MockActivityEnvironment()
  environment.on('heartbeat', () => environment.cancel())
  await expect(environment.run(awaitStep, { workflowId })).rejects.toBeInstanceOf(CancelledFailure)
  await client.workflow.getHandle(workflowId).terminate()
})
