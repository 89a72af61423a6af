import { once } from 'node:events'
import { open, type FileHandle } from 'node:fs/promises'
import { createGzip, type Gzip } from 'node:zlib'

const chunkChars = 256 * 1024
/** Rows may hold what is private: for the owner, and the group that reads them. */
const fileMode = 0o640

/** Text, perhaps packed, into a file. */
export class TextFile {
  readonly #file: FileHandle
  readonly #gzip: Gzip | null
  /** Settles when all that was packed is in the file. */
  readonly #packed: Promise<void>
  #text = ''

  private constructor(file: FileHandle, gzip: Gzip | null) {
    this.#file = file
    this.#gzip = gzip
    this.#packed = gzip === null ? Promise.resolve() : this.#pump(gzip)
    this.#packed.catch(() => undefined)
  }

  static async open(path: string, compression: string | undefined): Promise<TextFile> {
    return new TextFile(await open(path, 'w', fileMode), compression === 'gzip' ? createGzip() : null)
  }

  async write(text: string): Promise<void> {
    this.#text += text
    if (this.#text.length >= chunkChars) await this.#flush()
  }

  /** To wait for each item would cost more than writing it. */
  async writeAll<T>(items: readonly T[], render: (item: T) => string): Promise<void> {
    for (const item of items) {
      this.#text += render(item)
      if (this.#text.length >= chunkChars) await this.#flush()
    }
  }

  /** All that was written is on the disk. */
  async finish(): Promise<void> {
    await this.#flush()
    this.#gzip?.end()
    await this.#packed
    await this.#file.sync()
    await this.#file.close()
  }

  async discard(): Promise<void> {
    this.#gzip?.destroy()
    await this.#packed.catch(() => undefined)
    await this.#file.close().catch(() => undefined)
  }

  async #flush(): Promise<void> {
    const text = this.#text
    this.#text = ''
    if (text === '') return
    if (this.#gzip === null) await this.#file.appendFile(text)
    else if (!this.#gzip.write(text)) await Promise.race([once(this.#gzip, 'drain'), this.#packed])
  }

  async #pump(gzip: Gzip): Promise<void> {
    for await (const chunk of gzip) await this.#file.appendFile(chunk as Buffer)
  }
}
