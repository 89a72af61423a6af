import { noTraffic, type AssetKey, type Scope, type SyncTraffic } from '../../orchestrator/contract/index.ts'
import type { SyncException, SyncJournal } from '../../orchestrator/store/store.ts'
import type { Acknowledgement } from '../../connectors/driver/index.ts'
import { outcomeUnknown, readAcknowledgement } from './acknowledge.ts'
import type { RenderedRows } from './batch.ts'
import type { OrdinalRange } from './spool.ts'

/** Who writes the journal of which sync run. */
export interface Writer {
  readonly scope: Scope
  readonly sync: AssetKey
  readonly syncRun: string
  readonly epoch: number
}

/** A batch on its way, or a part of one: the ordinals of the rows that were sent, in order. */
export interface Piece {
  readonly batch: number
  readonly ordinals: readonly number[]
  /** How many of them, from the first, are of the sync's own stream; the others are the same rows in other streams. */
  readonly own: number
}

/** Where a part of a batch is in the spool. */
export interface PartRange extends OrdinalRange {
  readonly batch: number
}

export interface BatchTally {
  readonly rows: number
  readonly exceptions: readonly SyncException[]
}

interface OpenBatch {
  readonly rows: number
  readonly exceptions: SyncException[]
  /** Parts whose rows' fates are not known yet. */
  parts: number
  traffic: SyncTraffic
}

/**
 * Keeps the journal of a sync run: an intent before a batch leaves, its acknowledgement once the fate of all its rows
 * is known. Of a destination that only counts its rejected rows, a batch is cut in two and sent again, if that does no
 * harm, until the rows are found: each costs some log2(n) parts.
 */
export class BatchBook {
  readonly #journal: SyncJournal
  readonly #writer: Writer
  readonly #repeatable: boolean
  readonly #onTally: (tally: BatchTally) => void
  readonly #open = new Map<number, OpenBatch>()
  #doubtful: PartRange[] = []

  constructor(
    journal: SyncJournal,
    writer: Writer,
    options: { readonly repeatable: boolean; readonly onTally: (tally: BatchTally) => void },
  ) {
    this.#journal = journal
    this.#writer = writer
    this.#repeatable = options.repeatable
    this.#onTally = options.onTally
  }

  /** Claims a batch. Answers false if none of its rows could be rendered: then it is done with. */
  async intend(batch: number, range: OrdinalRange, rendered: RenderedRows): Promise<boolean> {
    const { firstOrdinal, lastOrdinal } = range
    const { payloadHash } = rendered
    await this.#journal.intend({ ...this.#writer, batch: { batch, firstOrdinal, lastOrdinal, payloadHash } })
    this.#open.set(batch, {
      rows: lastOrdinal - firstOrdinal + 1,
      exceptions: [...rendered.rejected],
      parts: 1,
      traffic: noTraffic,
    })
    if (rendered.records.length > 0) return true
    await this.#told(batch, [])
    return false
  }

  /** `alone`: the piece was all that its session sent. */
  async acknowledged(ack: Acknowledgement, { batch, ordinals, own }: Piece, alone: boolean): Promise<void> {
    this.#count(batch, ack)
    const reading = readAcknowledgement(ack, ordinals, alone, own)
    if (reading.type === 'told') await this.#told(batch, reading.exceptions)
    else if (this.#repeatable) this.#cut(batch, rowsOf(ordinals))
    else await this.#told(batch, rowsOf(ordinals).map(unnamed))
  }

  /** Too many parts: whether these rows were taken stays unknown. */
  async giveUp({ batch, ordinals }: Piece): Promise<void> {
    await this.#told(batch, rowsOf(ordinals).map(unnamed))
  }

  /** The parts to send again, in order; empty when all is known. */
  takeDoubtful(): PartRange[] {
    const parts = this.#doubtful.sort((a, b) => a.firstOrdinal - b.firstOrdinal)
    this.#doubtful = []
    return parts
  }

  #cut(batch: number, ordinals: readonly number[]): void {
    const middle = Math.ceil(ordinals.length / 2)
    const halves = [ordinals.slice(0, middle), ordinals.slice(middle)].flatMap((half) => {
      const [firstOrdinal, lastOrdinal] = [half[0], half.at(-1)]
      return firstOrdinal === undefined || lastOrdinal === undefined ? [] : [{ batch, firstOrdinal, lastOrdinal }]
    })
    this.#doubtful.push(...halves)
    const open = this.#open.get(batch)
    if (open !== undefined) open.parts += halves.length - 1
  }

  #count(batch: number, { requests = 0, throttled = 0, retried = 0, bytes = 0 }: Acknowledgement): void {
    const open = this.#open.get(batch)
    if (open === undefined) return
    const { traffic } = open
    open.traffic = {
      requests: traffic.requests + requests,
      throttled: traffic.throttled + throttled,
      retried: traffic.retried + retried,
      bytes: traffic.bytes + bytes,
    }
  }

  async #told(batch: number, exceptions: readonly SyncException[]): Promise<void> {
    const open = this.#open.get(batch)
    if (open === undefined) return
    open.exceptions.push(...exceptions)
    if (--open.parts > 0) return
    this.#open.delete(batch)
    const { exceptions: all, traffic } = open
    await this.#journal.acknowledge({ ...this.#writer, batch, state: 'acknowledged', exceptions: all, traffic })
    this.#onTally(open)
  }
}

/** A row that goes to several streams is one row. */
function rowsOf(ordinals: readonly number[]): readonly number[] {
  return [...new Set(ordinals)].sort((a, b) => a - b)
}

function unnamed(ordinal: number): SyncException {
  return outcomeUnknown(
    ordinal,
    'REJECT_UNNAMED',
    'The destination rejected some rows of this batch without saying which.',
  )
}
