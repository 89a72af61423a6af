const newline = 10

/**
 * Cuts a stream of bytes into lines of UTF-8 text, a whole chunk decoded at once. Lines longer than `maxLineBytes` are
 * dropped and reported, so that a peer that never ends its line cannot fill the memory.
 */
export class LineSplitter {
  readonly #maxLineBytes: number
  readonly #onOverlong: (bytes: number) => void
  #rest: Uint8Array[] = []
  #restBytes = 0
  #skipping = false

  constructor(maxLineBytes: number, onOverlong: (bytes: number) => void) {
    this.#maxLineBytes = maxLineBytes
    this.#onOverlong = onOverlong
  }

  /** The lines that this chunk completes, without their ends; empty lines are left out. */
  push(chunk: Buffer): string[] {
    const last = chunk.lastIndexOf(newline)
    if (last === -1) {
      this.#keep(chunk)
      return []
    }
    const lines: string[] = []
    let from = 0
    if (this.#restBytes > 0 || this.#skipping) {
      from = chunk.indexOf(newline) + 1
      this.#keep(chunk.subarray(0, from - 1))
      const line = this.end()
      if (line !== null) lines.push(line)
    }
    this.#cut(chunk, from, last + 1, lines)
    if (last + 1 < chunk.length) this.#keep(chunk.subarray(last + 1))
    return lines
  }

  /** What came after the last line end: half a line, if the sender was cut off. Null if there is nothing. */
  end(): string | null {
    if (this.#skipping) {
      this.#skipping = false
      this.#onOverlong(this.#restBytes)
      this.#restBytes = 0
      return null
    }
    if (this.#restBytes === 0) return null
    const line = Buffer.concat(this.#rest, this.#restBytes).toString('utf8')
    this.#rest = []
    this.#restBytes = 0
    return line
  }

  #cut(chunk: Buffer, from: number, to: number, lines: string[]): void {
    const text = chunk.toString('utf8', from, to)
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      if (end - start > this.#maxLineBytes) this.#onOverlong(end - start)
      else if (end > start) lines.push(text.slice(start, end))
      start = end + 1
    }
  }

  #keep(bytes: Uint8Array): void {
    this.#restBytes += bytes.length
    if (this.#restBytes > this.#maxLineBytes) {
      this.#skipping = true
      this.#rest = []
    } else if (bytes.length > 0) this.#rest.push(bytes)
  }
}
