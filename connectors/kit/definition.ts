import type { z } from 'zod'
import type {
  ConfiguredAirbyteCatalog,
  ConfiguredAirbyteStream,
  DestinationCatalog,
  DestinationSyncMode,
  JsonData,
  RowIssue,
  RowOperation,
} from '../protocol/index.ts'

import type { Limiters } from './limiter.ts'
import type { Meter } from './meter.ts'

export interface DestinationLog {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/** What a destination gets besides its configuration. */
export interface DestinationContext {
  /** Becomes LOG messages, with secrets of the configuration masked. No values of rows, please. */
  readonly log: DestinationLog
  /** Aborted when the program is told to stop: waits should end. */
  readonly signal: AbortSignal
  /** Counts requests to the vendor, for the sync's accounts. `httpClient` does it by itself. */
  readonly meter: Meter
  /**
   * A rate of the vendor's, by a name of the destination's own: `context.limiter('messages', { perSecond: 10 })`. The
   * same name is the same limiter. Under a runner that shares rates between processes, all that write to the same place
   * keep to it together; otherwise this process alone does.
   */
  readonly limiter: Limiters
}

/** Consecutive rows of one stream. */
export interface Rows {
  readonly stream: ConfiguredAirbyteStream
  /** Ordinal of the first of them within its batch; the others follow. */
  readonly first: number
  readonly count: number
  /** When the first of them was sent, in milliseconds since 1970: the same for a batch that is sent again. */
  readonly emittedAt: number
  /** Parsed when first asked for. */
  readonly values: readonly JsonData[]
  /** Each row as JSON text, as it came: for destinations that pass it on. */
  readonly texts: readonly string[]
}

/**
 * Rows up to a STATE. A batch larger than the destination's limits comes in parts, all but the last with
 * `final: false`; it is acknowledged, as a whole, when the final part was written.
 */
export interface Batch {
  /** The same for a batch that is sent again; null if the sender names none, and before the final part. */
  readonly id: string | null
  readonly final: boolean
  readonly rows: readonly Rows[]
}

/** `accepted + rejected + skipped` is the number of rows that were given; ordinals are those of the batch. */
export interface BatchResult {
  readonly accepted: number
  readonly rejected: readonly RowIssue[]
  readonly skipped: readonly RowIssue[]
}

export interface DestinationWriter {
  /**
   * Resolves when the rows are durable at the destination. A row that it does not take is `rejected`; an error means
   * that the batch's outcome is not known to be good, and nothing is acknowledged.
   */
  write(batch: Batch): Promise<BatchResult>
  /** Always called at the end. Parts of a batch whose final part never came are undone where that is possible. */
  close(): Promise<void>
}

export interface BatchLimits {
  readonly rows: number
  /** Of the rows as JSON text. */
  readonly bytes: number
}

/**
 * A destination: what differs from one to the next. The kit does the rest: the command line, the protocol, batching,
 * acknowledgements, logs, redaction and exit codes.
 *
 * @example
 * const destination = defineDestination({
 *   name: 'destination-lines',
 *   spec: z.object({ path: z.string().describe('File that rows are appended to.') }),
 *   syncModes: ['append'],
 *   check: async ({ path }) => access(dirname(path), constants.W_OK),
 *   open: async ({ path }) => {
 *     const file = await open(path, 'a', 0o600)
 *     return {
 *       write: async ({ rows }) => {
 *         const lines = rows.flatMap(({ values }) => values.map((value) => `${JSON.stringify(value)}\n`))
 *         await file.appendFile(lines.join(''))
 *         await file.sync()
 *         return { accepted: lines.length, rejected: [], skipped: [] }
 *       },
 *       close: () => file.close(),
 *     }
 *   },
 * })
 */
export interface Destination<Spec extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly documentationUrl?: string
  /** Zod schema of the configuration. `.meta({ airbyte_secret: true })` marks a secret. */
  readonly spec: Spec
  readonly syncModes: readonly DestinationSyncMode[]
  readonly limits?: Partial<BatchLimits>
  /** Throws, with a message that helps, unless rows could be written with this configuration. */
  check(config: z.output<Spec>, context: DestinationContext): Promise<void>
  discover?(config: z.output<Spec>, context: DestinationContext): Promise<DestinationCatalog>
  open(
    config: z.output<Spec>,
    catalog: ConfiguredAirbyteCatalog,
    context: DestinationContext,
  ): Promise<DestinationWriter>
}

export function defineDestination<Spec extends z.ZodType>(destination: Destination<Spec>): Destination<Spec> {
  return destination
}

const operationOfMode: Readonly<Record<DestinationSyncMode, RowOperation>> = {
  append: 'append',
  overwrite: 'append',
  append_dedup: 'upsert',
  update: 'update',
  soft_delete: 'delete',
}

/** What the rows of a stream mean: as the sender says, else as the protocol's sync mode implies. */
export function operationOf(stream: ConfiguredAirbyteStream): RowOperation {
  return stream.operation ?? operationOfMode[stream.destination_sync_mode]
}

/** The object that a stream is written to. */
export function objectOf(stream: ConfiguredAirbyteStream): string {
  return stream.destination_object_name ?? stream.stream.name
}
