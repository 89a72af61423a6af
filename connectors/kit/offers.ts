import type {
  ConfiguredAirbyteStream,
  DestinationCatalog,
  DestinationSyncMode,
  JsonData,
  RowOperation,
} from '../protocol/index.ts'
import { objectOf, operationOf } from './definition.ts'
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

/**
 * Which of a vendor's objects a stream is written to, by its name; one that ends in `*` stands for all that begin so. Throws
 * if there is none, or if the stream's rows mean what the object cannot do.
 */
export function offered<Of extends { readonly offer: Offer }>(
  vendor: string,
  objects: readonly Of[],
  stream: ConfiguredAirbyteStream,
): Of {
  const name = objectOf(stream)
  const object = objects.find(({ offer }) => isNamed(offer.object_name, name))
  if (object === undefined) {
    const known = objects.map(({ offer }) => offer.object_name).join(', ')
    throw configError(`${vendor} has no object ${name}. It has ${known}.`)
  }
  const operations = Object.values(object.offer.does).flat()
  const operation = operationOf(stream)
  if (operations.includes(operation)) return object
  throw configError(`${vendor}’s ${name} has no ${operation}. It has ${operations.join(', ')}.`)
}

function isNamed(offered: string, name: string): boolean {
  return offered.endsWith('*') ? name.startsWith(offered.slice(0, -1)) : name === offered
}
