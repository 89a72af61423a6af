import type {
  ConfiguredAirbyteStream,
  DestinationCatalog,
  DestinationSyncMode,
  JsonData,
  RowOperation,
} from '../protocol/index.ts'
import { operationOf } from './definition.ts'
import { configError } from './errors.ts'

type Operation = DestinationCatalog['operations'][number]

/** What can be done with an object of a destination, said once for `discover` and for what `write` accepts. */
export interface Offer {
  readonly object_name: string
  readonly json_schema: JsonData
  readonly matching_keys?: readonly (readonly string[])[]
  /** The row operations, by the sync mode of the protocol that carries them. */
  readonly does: Partial<Readonly<Record<DestinationSyncMode, readonly RowOperation[]>>>
}

/** As `discover` tells of it. */
export function operationsOf({ does, ...rest }: Offer): Operation[] {
  return Object.entries(does).map(([mode, row_operations]) => {
    return { ...rest, sync_mode: mode as DestinationSyncMode, row_operations }
  })
}

/** Throws unless the rows of a stream mean what the object can do. `what` is in people's words: `Segment’s identify`. */
export function checkOffered(stream: ConfiguredAirbyteStream, what: string, { does }: Offer): void {
  const offered = Object.values(does).flat()
  const operation = operationOf(stream)
  if (offered.includes(operation)) return
  throw configError(`Stream ${stream.stream.name}: ${what} has no ${operation}. It has ${offered.join(', ')}.`)
}
