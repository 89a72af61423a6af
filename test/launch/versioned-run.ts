import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow'

const { build } = proxyActivities<{ build(): Promise<string> }>({ startToCloseTimeout: '10s' })

/** Ends, when it is told to, with the build that it is on. */
export async function versionedRun(): Promise<string> {
  let told = false
  setHandler(defineSignal('end'), () => {
    told = true
  })
  await condition(() => told)
  return build()
}
