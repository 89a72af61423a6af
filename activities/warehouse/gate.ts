/**
 * Lets calls overlap and a lease be alone, in the order in which they came: a waiting lease holds up the calls
 * behind it, so that it cannot starve.
 */
export class Gate {
  private readonly queue: Waiting[] = []
  private shared = 0
  private alone = false

  /** Rejects with the signal's reason if it aborts while waiting. */
  async enterShared(signal?: AbortSignal): Promise<() => void> {
    await this.wait(false, signal)
    return this.leaver(() => this.shared--)
  }

  async enterAlone(signal?: AbortSignal): Promise<() => void> {
    await this.wait(true, signal)
    return this.leaver(() => {
      this.alone = false
    })
  }

  private wait(alone: boolean, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error)
      const onAbort = (): void => {
        this.queue.splice(this.queue.indexOf(waiting), 1)
        reject(signal?.reason as Error)
        this.admit()
      }
      const enter = (): void => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const waiting: Waiting = { alone, enter }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.queue.push(waiting)
      this.admit()
    })
  }

  private admit(): void {
    for (;;) {
      const next = this.queue[0]
      if (next === undefined || this.alone || (next.alone && this.shared > 0)) return
      this.queue.shift()
      if (next.alone) this.alone = true
      else this.shared++
      next.enter()
    }
  }

  private leaver(leave: () => void): () => void {
    let left = false
    return () => {
      if (left) return
      left = true
      leave()
      this.admit()
    }
  }
}

interface Waiting {
  readonly alone: boolean
  readonly enter: () => void
}
