import { describe, expect, test, vi } from 'vitest'
import { retry, RetryLater, tokenBucket } from './index.ts'

describe('the token bucket', () => {
  test('lets a burst through, then keeps the rate, in the order of asking', async () => {
    const limiter = tokenBucket({ perSecond: 50, burst: 3 })
    const started = performance.now()
    const order: number[] = []
    await Promise.all([0, 1, 2, 3, 4, 5].map((n) => limiter.take().then(() => order.push(n))))
    const ms = performance.now() - started
    expect(order).toEqual([0, 1, 2, 3, 4, 5])
    expect(ms).toBeGreaterThan(55)
    expect(ms).toBeLessThan(1_000)
  })

  test('does not save up more than its burst', async () => {
    let now = 0
    const limiter = tokenBucket({ perSecond: 1, burst: 2, now: () => now })
    await limiter.take()
    now = 3_600_000
    await limiter.take()
    await limiter.take()
    const third = vi.fn()
    const controller = new AbortController()
    const waiting = limiter.take(1, controller.signal).then(third)
    await new Promise((resolve) => setImmediate(resolve))
    expect(third).not.toHaveBeenCalled()
    controller.abort()
    await expect(waiting).rejects.toThrow()
  })

  test('a pause holds everyone, and an abort ends the wait', async () => {
    const limiter = tokenBucket({ perSecond: 1_000 })
    limiter.pause(3_600_000)
    const controller = new AbortController()
    const waiting = limiter.take(1, controller.signal)
    controller.abort()
    await expect(waiting).rejects.toThrow()
  })
})

describe('retry', () => {
  test('waits as long as the vendor asks, else a random part of a growing span', async () => {
    const waits: number[] = []
    let calls = 0
    const answer = await retry(
      async () => {
        calls += 1
        if (calls === 1) throw new RetryLater('429', 30)
        if (calls === 2) throw new RetryLater('again')
        return 'done'
      },
      { baseMs: 5, onRetry: ({ ms }) => waits.push(ms) },
    )
    expect(answer).toBe('done')
    expect(waits[0]).toBe(30)
    expect(waits[1]).toBeLessThan(20)
  })

  test('ends after its attempts with the last reason, and at once for any other error', async () => {
    const call = vi.fn(() => Promise.reject(new RetryLater('busy', 1)))
    await expect(retry(call, { attempts: 3 })).rejects.toThrow('busy')
    expect(call).toHaveBeenCalledTimes(3)
    const broken = vi.fn(() => Promise.reject(new Error('broken')))
    await expect(retry(broken)).rejects.toThrow('broken')
    expect(broken).toHaveBeenCalledTimes(1)
  })
})
