import {
  objectOf,
  Outcomes,
  placedRows,
  type Batch,
  type BatchResult,
  type DestinationWriter,
  type PlacedRow,
} from '../kit/index.ts'
import type { Target } from './targets/target.ts'

/** Hands each stretch of rows of one stream to the stream's target, in order. */
export class SlackWriter implements DestinationWriter {
  readonly #targetOf: (object: string) => Target

  constructor(targetOf: (object: string) => Target) {
    this.#targetOf = targetOf
  }

  async write(batch: Batch): Promise<BatchResult> {
    const outcomes = new Outcomes()
    let rows: PlacedRow[] = []
    const flush = async (): Promise<void> => {
      const [first] = rows
      if (first !== undefined) await this.#targetOf(objectOf(first.stream)).write(rows, outcomes)
      rows = []
    }
    for (const row of placedRows(batch)) {
      if (rows[0] !== undefined && rows[0].stream !== row.stream) await flush()
      rows.push(row)
    }
    await flush()
    return outcomes.result()
  }

  async close(): Promise<void> {
    // Nothing is kept open.
  }
}
