import { executeChild, proxyLocalActivities } from '@temporalio/workflow'

const { nothing } = proxyLocalActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '10 seconds' })

/** The floor: a child workflow with one local activity, a window of them at once. */
export async function bareParent(children: number, concurrency: number): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < children) {
      next++
      await executeChild(bareChild)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
}

export async function bareChild(): Promise<void> {
  await nothing()
}
