import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { RowIssue } from '../kit/index.ts'
import { copyText, type StagedRow } from './copy-text.ts'
import { rowIssue } from '../kit/postgres/index.ts'
import { savepoint } from './savepoint.ts'
import type { Target } from './table.ts'

/** After a bad row, so many rows are copied at a time, then twice as many with each success. */
const cautiousRows = 256

/**
 * A temporary table with a target's column types and names of its own (c0, c1 ...). It lives for one transaction, so
 * that a pooler between us and the server does no harm.
 */
export class Stage {
  readonly name: string
  readonly target: Target
  readonly #client: pg.Client
  #made = false

  constructor(client: pg.Client, target: Target, number: number) {
    this.#client = client
    this.target = target
    this.name = `traitline_stage_${number}`
  }

  /** The transaction has ended, and with it the table. */
  forget(): void {
    this.#made = false
  }

  /** Fills the table with these rows and no others. Rows whose values do not fit are left out and answered. */
  async fill(rows: readonly StagedRow[]): Promise<RowIssue[]> {
    await this.#prepare()
    if ((await this.#copy(rows, 0, rows.length)) === null) return []
    return this.#fillCarefully(rows)
  }

  async #prepare(): Promise<void> {
    if (this.#made) {
      await this.#client.query(`truncate ${this.name}`)
      return
    }
    const columns = this.target.columns.map(({ type }, index) => `c${index} ${type}`)
    await this.#client.query(
      `create temp table ${this.name} (ordinal integer not null, ${columns.join(', ')}) on commit drop`,
    )
    this.#made = true
  }

  /** Every row is sent twice at most, whatever the number of bad ones: those before a bad one are known to be good. */
  async #fillCarefully(rows: readonly StagedRow[]): Promise<RowIssue[]> {
    const rejected: RowIssue[] = []
    let from = 0
    let width = cautiousRows
    while (from < rows.length) {
      const to = Math.min(from + width, rows.length)
      const failure = await this.#copy(rows, from, to)
      if (failure === null) {
        from = to
        width *= 2
        continue
      }
      const bad = from + failure.line
      if (failure.line < 0 || bad >= to) throw failure.error
      const column = this.target.columns[failure.column]
      rejected.push(rowIssue(failure.error, (rows[bad] as StagedRow).ordinal, column))
      if (bad > from) await this.#copy(rows, from, bad)
      from = bad + 1
      width = cautiousRows
    }
    return rejected
  }

  /** Null if all went in; otherwise none did, and the line (from 0) and column that stopped it are told. */
  async #copy(rows: readonly StagedRow[], from: number, to: number): Promise<CopyFailure | null> {
    const result = await savepoint(this.#client, async () => {
      const text = Readable.from(copyText(this.target.columns, rows, from, to), { objectMode: false })
      await pipeline(text, this.#client.query(copyFrom(`copy ${this.name} from stdin`)))
    })
    return result === null ? null : locate(result)
  }
}

interface CopyFailure {
  readonly error: pg.DatabaseError
  readonly line: number
  readonly column: number
}

/** From the error's context, `COPY traitline_stage_0, line 17, column c3: "..."`, whatever language its words are in. */
function locate(error: pg.DatabaseError): CopyFailure {
  const match = /^COPY \w+, [^\d,]+(\d+)(?:, [^:]*?\bc(\d+)\b)?/.exec(error.where ?? '')
  return {
    error,
    line: match === null ? -1 : Number(match[1]) - 1,
    column: match?.[2] === undefined ? -1 : Number(match[2]),
  }
}
