import type { ConfiguredAirbyteStream, JsonData, RowIssue } from '../protocol/index.ts'
import type { Batch, BatchResult } from './definition.ts'

/** A row, and where it stood in its batch. */
export interface PlacedRow {
  readonly stream: ConfiguredAirbyteStream
  readonly ordinal: number
  readonly value: JsonData
}

/** All rows of a batch, in order. */
export function* placedRows({ rows }: Batch): Generator<PlacedRow> {
  for (const { stream, first, values } of rows) {
    for (const [index, value] of values.entries()) yield { stream, ordinal: first + index, value }
  }
}

/** Collects what became of each row of a batch, for those who learn it row by row. */
export class Outcomes {
  #accepted = 0
  readonly #rejected: RowIssue[] = []
  readonly #skipped: RowIssue[] = []

  accept(rows = 1): void {
    this.#accepted += rows
  }

  /** `message` is shown to people and kept: no value of the row in it. */
  reject({ ordinal }: { readonly ordinal: number }, code: string, message: string): void {
    this.#rejected.push({ ordinal, code, message })
  }

  skip({ ordinal }: { readonly ordinal: number }, code: string, message: string): void {
    this.#skipped.push({ ordinal, code, message })
  }

  result(): BatchResult {
    return { accepted: this.#accepted, rejected: this.#rejected, skipped: this.#skipped }
  }
}
