/** What talking to a vendor has cost. */
export interface Traffic {
  readonly requests: number
  /** Requests that were refused for their rate (429, or the vendor's word for it). */
  readonly throttled: number
  /** Requests that were made again. */
  readonly retried: number
  /** Of request bodies. */
  readonly bytes: number
}

/** Counts a destination's requests; the kit tells of them with each STATE. */
export class Meter {
  #requests = 0
  #throttled = 0
  #retried = 0
  #bytes = 0

  request(bytes: number): void {
    this.#requests += 1
    this.#bytes += bytes
  }

  throttled(): void {
    this.#throttled += 1
  }

  retried(): void {
    this.#retried += 1
  }

  /** Since it was asked last; null if there was nothing, as in a destination that does not count. */
  take(): Traffic | null {
    if (this.#requests === 0) return null
    const traffic = {
      requests: this.#requests,
      throttled: this.#throttled,
      retried: this.#retried,
      bytes: this.#bytes,
    }
    this.#requests = this.#throttled = this.#retried = this.#bytes = 0
    return traffic
  }
}
