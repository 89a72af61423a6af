import { MockActivityEnvironment } from '@temporalio/testing'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { expect, test } from 'vitest'
import { TraitlineError } from '../../orchestrator/contract/index.ts'
import { asActivities, toFailure, withHeartbeat } from './index.ts'

const missing = new TraitlineError({
  code: 'COLUMN_MISSING',
  message: 'trait/x reads a column that is not there',
  hint: 'Correct its name.',
  blame: 'user',
})

test('an error of the family keeps its words, and what a person has to fix is not tried again', async () => {
  const { fail } = asActivities({ fail: () => Promise.reject(missing) })
  const failure = await new MockActivityEnvironment().run(fail).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ApplicationFailure)
  expect(failure).toMatchObject({
    type: 'COLUMN_MISSING',
    nonRetryable: true,
    details: [{ code: 'COLUMN_MISSING', message: missing.message, hint: missing.hint, blame: 'user' }],
  })
  expect((failure as Error).cause).toBeUndefined()
})

test('an unknown error leaves its values behind and says where it came from', () => {
  const failure = toFailure(new RangeError('Key (email)=(ada@example.com) is bad'))
  expect(failure.message).toMatch(/^Unexpected RangeError at .*runtime\.test\.ts:\d+/)
  expect(JSON.stringify(failure)).not.toContain('ada')
})

test('a Failure survives the way through Temporal and back', () => {
  const failure = toFailure(missing)
  expect(toFailure(ApplicationFailure.create({ details: [failure] }))).toEqual(failure)
})

test('work heartbeats, and what a cancellation interrupts ends as cancelled', async () => {
  const environment = new MockActivityEnvironment()
  let beats = 0
  environment.on('heartbeat', () => {
    if (++beats === 3) environment.cancel()
  })
  const { work } = asActivities({
    work: () =>
      withHeartbeat(
        (signal) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('interrupted')))),
        { everyMs: 5 },
      ),
  })
  await expect(environment.run(work)).rejects.toBeInstanceOf(CancelledFailure)
})
