import type { TraitlineError } from '../../orchestrator/contract/index.ts'
import type { AirbyteStateMessage, AirbyteStateStats, RowIssue } from '../protocol/index.ts'
import type { Acknowledgement, OutgoingBatch } from './driver.ts'
import { connectorFailure } from './failures.ts'

interface Outstanding {
  readonly batch: number
  readonly records: number
  readonly stream: string
  acknowledgement: Acknowledgement | null
}

/**
 * Matches STATE messages with the batches that they close. A STATE says that everything before it is durable, so one
 * also covers earlier batches of its stream whose own never came; those are answered without details.
 */
export class AcknowledgementBook {
  readonly #name: string
  /** By what the state holds, in the order of sending. */
  readonly #outstanding = new Map<string, Outstanding>()
  readonly #covered = new Set<string>()

  constructor(name: string) {
    this.#name = name
  }

  /** Batches that are sent and not answered yet. */
  get open(): number {
    return this.#outstanding.size
  }

  sent({ batch, records, state }: OutgoingBatch): void {
    this.#outstanding.set(contentOf(state), {
      batch,
      records: records.length,
      stream: streamOf(state),
      acknowledgement: null,
    })
  }

  /** Takes a STATE; answers the batches that can be told of now, in order. Throws if it fits none. */
  heard(state: AirbyteStateMessage): Acknowledgement[] {
    const content = contentOf(state)
    if (this.#covered.delete(content)) return []
    const found = this.#outstanding.get(content)
    if (found === undefined || found.acknowledgement !== null) throw this.#unknown()
    found.acknowledgement = this.#judge(found, state.destinationStats ?? null)
    this.#coverEarlier(found)
    return this.#ready()
  }

  #coverEarlier(latest: Outstanding): void {
    const doubtful =
      (latest.acknowledgement?.rejectedRecordCount ?? 0) > 0 && latest.acknowledgement?.detailed === false
    for (const [content, earlier] of this.#outstanding) {
      if (earlier === latest) return
      if (earlier.stream !== latest.stream || earlier.acknowledgement !== null) continue
      // Which of them the rejected rows belong to is not said.
      const rejectedRecordCount = doubtful ? earlier.records : 0
      earlier.acknowledgement = { ...withoutDetails(earlier.batch), rejectedRecordCount }
      this.#covered.add(content)
    }
  }

  #ready(): Acknowledgement[] {
    const ready: Acknowledgement[] = []
    for (const [content, { acknowledgement }] of this.#outstanding) {
      if (acknowledgement === null) break
      ready.push(acknowledgement)
      this.#outstanding.delete(content)
    }
    return ready
  }

  #judge({ batch, records }: Outstanding, stats: AirbyteStateStats | null): Acknowledgement {
    const recordCount = stats?.recordCount ?? null
    const counted = stats?.rejectedRecordCount ?? 0
    if (![recordCount ?? 0, counted].every((count) => Number.isInteger(count) && count >= 0 && count <= records)) {
      throw this.#mismatch(batch, `counts ${recordCount} rows and ${counted} rejected ones of ${records}`)
    }
    if (stats?.rejected == null && stats?.skipped == null) {
      // Rows that it does not count are as good as rejected.
      const missing = recordCount === null ? 0 : Math.max(0, records - recordCount - counted)
      return { ...withoutDetails(batch), recordCount, rejectedRecordCount: counted + missing, ...trafficOf(stats) }
    }
    const rejected = issues(stats.rejected)
    const skipped = issues(stats.skipped)
    if (rejected === null || skipped === null || !distinctWithin([...rejected, ...skipped], records)) {
      throw this.#mismatch(batch, 'names rows that it was not sent, or one twice')
    }
    if (rejected.length !== counted || (recordCount ?? records) !== records) {
      throw this.#mismatch(
        batch,
        `names ${rejected.length} rejected rows and counts ${counted}, of ${recordCount} rows of ${records}`,
      )
    }
    return { batch, detailed: true, recordCount, rejectedRecordCount: counted, rejected, skipped, ...trafficOf(stats) }
  }

  #unknown(): TraitlineError {
    return connectorFailure(
      'CONNECTOR_STATE_UNKNOWN',
      `${this.#name} acknowledged a batch that it was not sent, or one twice`,
    )
  }

  #mismatch(batch: number, what: string): TraitlineError {
    return connectorFailure('CONNECTOR_COUNT_MISMATCH', `${this.#name}, in its answer to batch ${batch}, ${what}`)
  }
}

function withoutDetails(batch: number): Acknowledgement {
  return { batch, detailed: false, recordCount: null, rejectedRecordCount: 0, rejected: [], skipped: [] }
}

const counters = ['requests', 'throttled', 'retried', 'bytes'] as const

/** Counters of a program that has none, or wrong ones, are left out. */
function trafficOf(stats: AirbyteStateStats | null): Pick<Acknowledgement, (typeof counters)[number]> {
  const given = (stats ?? {}) as Readonly<Record<string, unknown>>
  const counted = counters.filter((name) => Number.isSafeInteger(given[name]) && (given[name] as number) >= 0)
  return Object.fromEntries(counted.map((name) => [name, given[name] as number]))
}

/** Null if it is no list of issues. */
function issues(value: unknown): RowIssue[] | null {
  if (value === null || value === undefined) return []
  if (!Array.isArray(value)) return null
  const valid = value.every(
    (one: Partial<RowIssue> | null) =>
      Number.isInteger(one?.ordinal) && typeof one?.code === 'string' && typeof one.message === 'string',
  )
  return valid ? value.map(({ ordinal, code, message }: RowIssue) => ({ ordinal, code, message })) : null
}

function distinctWithin(list: readonly RowIssue[], records: number): boolean {
  const ordinals = new Set(list.map(({ ordinal }) => ordinal))
  return ordinals.size === list.length && list.every(({ ordinal }) => ordinal >= 0 && ordinal < records)
}

function streamOf(state: AirbyteStateMessage): string {
  const descriptor = state.stream?.stream_descriptor
  return `${descriptor?.namespace ?? ''}\0${descriptor?.name ?? ''}`
}

/** What a state holds, whatever the order of its members and however unset ones are written. */
function contentOf({ stream, global, data }: AirbyteStateMessage): string {
  return canonical([streamOf({ stream }), stream?.stream_state, global, data])
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const members = Object.entries(value)
    .filter(([, inner]) => inner !== null && inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`
}
