/** Values that one side adds and the other awaits; a failure comes after the values before it. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #values: T[] = []
  #end: { readonly error: unknown } | null = null
  #wake: (() => void) | null = null

  push(value: T): void {
    this.#values.push(value)
    this.#wake?.()
  }

  /** No more values; with an error, iterating throws it. The first call counts. */
  end(error?: unknown): void {
    this.#end ??= { error }
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      while (this.#values.length > 0) yield this.#values.shift() as T
      if (this.#end !== null) {
        if (this.#end.error !== undefined) throw this.#end.error
        return
      }
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
