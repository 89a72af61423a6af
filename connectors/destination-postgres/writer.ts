import type pg from 'pg'
import type { Batch, BatchResult, ConfiguredAirbyteStream, DestinationWriter, RowIssue, Rows } from '../kit/index.ts'
import type { BatchLog } from './batches.ts'
import type { StagedRow } from './copy-text.ts'
import { isRetryable, rowIssue, stateOf, translate } from '../kit/postgres/index.ts'
import { merges, skipReasons } from './merge.ts'
import { savepoint } from './savepoint.ts'
import type { Stage } from './stage.ts'
import type { Target } from './table.ts'

/** Two rows of one statement have the same key. */
const sameKeyTwice = '21000'
const deadlockAttempts = 5

export interface PostgresWriterOptions {
  readonly client: pg.Client
  readonly server: string
  readonly stages: ReadonlyMap<ConfiguredAirbyteStream, Stage>
  /** Null if no stream needs it. */
  readonly batches: BatchLog | null
}

/** A batch is one transaction, whatever its parts: COPY into a stage, then one statement into the table. */
export class PostgresWriter implements DestinationWriter {
  readonly #options: PostgresWriterOptions
  /** Results of the parts of the batch whose transaction is open; null if none is. */
  #parts: BatchResult[] | null = null

  constructor(options: PostgresWriterOptions) {
    this.#options = options
  }

  async write(batch: Batch): Promise<BatchResult> {
    for (let attempt = 1; ; attempt++) {
      const whole = this.#parts === null && batch.final
      try {
        return await this.#writeOnce(batch)
      } catch (error) {
        await this.#rollback()
        // Only a batch that came in one part can be written again from the start.
        if (!whole || !isRetryable(error) || attempt >= deadlockAttempts) throw translate(error, this.#options.server)
      }
    }
  }

  async close(): Promise<void> {
    await this.#rollback()
    await this.#options.client.end().catch(() => undefined)
  }

  async #writeOnce({ id, final, rows }: Batch): Promise<BatchResult> {
    const { client, batches } = this.#options
    if (this.#parts === null) {
      await client.query('begin')
      this.#parts = []
    }
    const logged = final && id !== null ? batches : null
    const earlier = logged === null ? null : await logged.claim(id as string)
    if (earlier !== null) {
      await this.#rollback()
      return within(earlier, rows)
    }
    const result = sum(await inOrder(runsOf(rows), (run) => this.#writeRun(run)))
    this.#parts.push(result)
    if (!final) return result
    await logged?.record(id as string, sum(this.#parts))
    await client.query('commit')
    this.#ended()
    return result
  }

  async #writeRun({ stream, rows }: Run): Promise<BatchResult> {
    const stage = this.#options.stages.get(stream) as Stage
    const { target } = stage
    if (!target.exists) return { accepted: rows.length, rejected: [], skipped: [] }
    const { good, bad } = withKeys(target, rows)
    const rejected = [...bad, ...(await stage.fill(good))]
    const outcome: Outcome = { rejected, skipped: [] }
    const first = rows[0] as StagedRow
    const last = rows[rows.length - 1] as StagedRow
    await this.#merge(stage, first.ordinal, last.ordinal, outcome)
    const accepted = rows.length - outcome.rejected.length - outcome.skipped.length
    return { accepted, rejected: outcome.rejected, skipped: outcome.skipped }
  }

  /** Halves the range around a row that the table refuses, until it stands alone: log2(n) statements a bad row. */
  async #merge(stage: Stage, from: number, to: number, outcome: Outcome): Promise<void> {
    const { client } = this.#options
    const { target } = stage
    const error = await savepoint(client, async () => {
      const { rows } = await this.#run(
        merges[target.operation](target, stage.name, { distinct: false }),
        from,
        to,
        () => merges[target.operation](target, stage.name, { distinct: true }),
      )
      const [code, message] = skipReasons[target.operation] ?? ['skipped', 'The row was left out.']
      for (const { ordinal } of rows) outcome.skipped.push({ ordinal, code, message })
    })
    if (error === null) return
    if (from === to) {
      outcome.rejected.push(rowIssue(error, from))
      return
    }
    const middle = Math.floor((from + to) / 2)
    await this.#merge(stage, from, middle, outcome)
    await this.#merge(stage, middle + 1, to, outcome)
  }

  async #run(
    statement: string,
    from: number,
    to: number,
    again: () => string,
  ): Promise<pg.QueryResult<{ ordinal: number }>> {
    const { client } = this.#options
    await client.query('savepoint statement')
    try {
      return await client.query<{ ordinal: number }>(statement, [from, to])
    } catch (error) {
      if (stateOf(error) !== sameKeyTwice) throw error
      await client.query('rollback to savepoint statement')
      return client.query<{ ordinal: number }>(again(), [from, to])
    }
  }

  async #rollback(): Promise<void> {
    if (this.#parts === null) return
    this.#ended()
    await this.#options.client.query('rollback').catch(() => undefined)
  }

  #ended(): void {
    this.#parts = null
    for (const stage of this.#options.stages.values()) stage.forget()
  }
}

interface Outcome {
  readonly rejected: RowIssue[]
  readonly skipped: RowIssue[]
}

interface Run {
  readonly stream: ConfiguredAirbyteStream
  readonly rows: StagedRow[]
}

/**
 * Rows of a stream that may be written together. Different objects do not mind each other's order; on one object a
 * deletion and an upsert keep theirs.
 */
function runsOf(slices: readonly Rows[]): Run[] {
  const runs: Run[] = []
  const lastOfObject = new Map<string, Run>()
  for (const { stream, first, values } of slices) {
    const object = `${stream.stream.namespace ?? ''}\0${stream.destination_object_name ?? stream.stream.name}`
    let run = lastOfObject.get(object)
    if (run?.stream !== stream) {
      run = { stream, rows: [] }
      runs.push(run)
      lastOfObject.set(object, run)
    }
    for (let index = 0; index < values.length; index++) {
      run.rows.push({ ordinal: first + index, value: values[index] as StagedRow['value'] })
    }
  }
  return runs
}

/** A row without its key cannot be found again, so it is not taken. */
function withKeys(target: Target, rows: readonly StagedRow[]): { good: readonly StagedRow[]; bad: RowIssue[] } {
  const lacks = ({ value }: StagedRow): boolean =>
    target.keys.some((key) => value[key] === null || value[key] === undefined)
  if (!rows.some(lacks)) return { good: rows, bad: [] }
  const message = `The key (${target.keys.join(', ')}) is null.`
  return {
    good: rows.filter((row) => !lacks(row)),
    bad: rows.filter(lacks).map(({ ordinal }) => ({ ordinal, code: 'null_key', message })),
  }
}

function sum(results: readonly BatchResult[]): BatchResult {
  return {
    accepted: results.reduce((total, { accepted }) => total + accepted, 0),
    rejected: results.flatMap(({ rejected }) => rejected),
    skipped: results.flatMap(({ skipped }) => skipped),
  }
}

/** The part of an earlier result that is about these rows. */
function within(earlier: BatchResult, rows: readonly Rows[]): BatchResult {
  const count = rows.reduce((total, slice) => total + slice.count, 0)
  const first = Math.min(...rows.map((slice) => slice.first))
  const rejected = earlier.rejected.filter(({ ordinal }) => ordinal >= first)
  const skipped = earlier.skipped.filter(({ ordinal }) => ordinal >= first)
  return { accepted: count - rejected.length - skipped.length, rejected, skipped }
}

async function inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await work(item))
  return results
}
