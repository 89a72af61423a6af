import { ApplicationFailure, condition } from '@temporalio/workflow'

/** Stands in for the run's workflow: what it does is in the run's id. */
export async function run(input: { readonly run: string }): Promise<{ status: string; counts: object }> {
  if (input.run.startsWith('waits')) await condition(() => false)
  if (input.run.startsWith('fails')) {
    const failure = { code: 'PLAN_BROKEN', message: 'no plan', hint: 'Fix it.', blame: 'user' }
    throw ApplicationFailure.create({ type: failure.code, nonRetryable: true, details: [failure] })
  }
  return { status: 'succeeded', counts: {} }
}
