import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Batch, BatchResult, ConfiguredAirbyteStream, DestinationWriter, RowIssue, Rows } from '../kit/index.ts'
import { copyField, isRetryable, translate } from '../kit/postgres/index.ts'
import { makeStage, setPart, stage, takePart } from './merge.ts'
import { stagedRows, type StagedRow } from './rows.ts'
import type { StoreNames } from './schema.ts'
import type { Target } from './target.ts'

const attempts = 5
const chunkChars = 64 * 1024

export interface ProfilesWriterOptions {
  readonly client: pg.Client
  readonly server: string
  readonly names: StoreNames
  readonly targets: ReadonlyMap<ConfiguredAirbyteStream, Target>
}

/** A batch is one transaction, whatever its parts: COPY into a stage, then a few statements. */
export class ProfilesWriter implements DestinationWriter {
  readonly #options: ProfilesWriterOptions
  #open = false

  constructor(options: ProfilesWriterOptions) {
    this.#options = options
  }

  async write(batch: Batch): Promise<BatchResult> {
    for (let attempt = 1; ; attempt++) {
      const whole = !this.#open && batch.final
      try {
        return await this.#writeOnce(batch)
      } catch (error) {
        await this.#rollback()
        // Only a batch that came in one part can be written again from the start.
        if (!whole || !isRetryable(error) || attempt >= attempts) throw translate(error, this.#options.server)
      }
    }
  }

  async close(): Promise<void> {
    await this.#rollback()
    await this.#options.client.end().catch(() => undefined)
  }

  async #writeOnce({ final, rows }: Batch): Promise<BatchResult> {
    const { client } = this.#options
    if (!this.#open) await client.query('begin')
    this.#open = true
    const rejected: RowIssue[] = []
    let given = 0
    for (const slice of rows) {
      given += slice.count
      rejected.push(...(await this.#merge(slice)))
    }
    if (final) {
      await client.query('commit')
      this.#open = false
    }
    return { accepted: given - rejected.length, rejected, skipped: [] }
  }

  async #merge(slice: Rows): Promise<readonly RowIssue[]> {
    const { client, names, targets } = this.#options
    const target = targets.get(slice.stream) as Target
    const { rows, refused } = stagedRows(target, slice)
    if (rows.length === 0) return refused
    await client.query(makeStage)
    const text = Readable.from(copyText(rows), { objectMode: false })
    await pipeline(text, client.query(copyFrom(`copy ${stage} from stdin`)))
    const { collection, part, effect } = target
    await client.query(effect === 'set' ? setPart(names) : takePart(names), [collection, part])
    return refused
  }

  async #rollback(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    await this.#options.client.query('rollback').catch(() => undefined)
  }
}

function* copyText(rows: readonly StagedRow[]): Generator<Buffer> {
  let text = ''
  for (const { id, part } of rows) {
    text += `${copyField(id)}\t${copyField(part)}\n`
    if (text.length < chunkChars) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}
