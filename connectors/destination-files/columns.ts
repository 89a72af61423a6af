import { configError, objectOf, operationOf, type ConfiguredAirbyteStream, type JsonData } from '../kit/index.ts'

/** A column of a file, with its property of the stream's JSON Schema. */
export interface Column {
  readonly name: string
  readonly property: JsonData
}

/** Columns that say of a row what it is. */
export const bookkeepingColumns: readonly Column[] = [
  { name: '_operation', property: { type: 'string' } },
  { name: '_synced_at', property: { type: 'string', format: 'date-time' } },
  { name: '_sync_run', property: { type: 'string' } },
]

/** All that is written to one object's files: several streams may, such as one of upserts and one of deletes. */
export interface Shape {
  readonly object: string
  /** Of all its streams, in order. */
  readonly columns: readonly Column[]
  readonly bookkeeping: boolean
}

/**
 * What each object's files look like. An object that gets anything but appends is a log of changes: its rows say what
 * happened to their key.
 */
export function shapesOf(
  streams: readonly ConfiguredAirbyteStream[],
  bookkeeping: boolean,
  columnsNeeded: boolean,
): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>()
  for (const stream of streams) {
    refuse(stream)
    const object = objectOf(stream)
    const known = shapes.get(object)
    const own = columnsOf(stream)
    const names = new Set(known?.columns.map(({ name }) => name))
    shapes.set(object, {
      object,
      columns: [...(known?.columns ?? []), ...own.filter(({ name }) => !names.has(name))],
      bookkeeping: bookkeeping || known?.bookkeeping === true || operationOf(stream) !== 'append',
    })
  }
  for (const shape of shapes.values()) check(shape, columnsNeeded)
  return shapes
}

function refuse({ stream, destination_sync_mode: mode, ...rest }: ConfiguredAirbyteStream): void {
  if (mode === 'overwrite') {
    throw configError(
      `Stream ${stream.name}: overwrite is not offered, since nothing says when all of the new files are there. Use append, with {run} in the path.`,
    )
  }
  const operation = operationOf({ stream, destination_sync_mode: mode, ...rest })
  if (operation === 'update') {
    throw configError(
      `Stream ${stream.name}: update is not offered, since files cannot tell whether a row is there. Use upsert, which writes a log of changes.`,
    )
  }
}

function columnsOf({ stream }: ConfiguredAirbyteStream): Column[] {
  const properties = (stream.json_schema['properties'] ?? {}) as Readonly<Record<string, unknown>>
  return Object.entries(properties).map(([name, property]) => ({
    name,
    property: typeof property === 'object' && property !== null ? (property as JsonData) : {},
  }))
}

function check({ object, columns, bookkeeping }: Shape, columnsNeeded: boolean): void {
  if (columnsNeeded && columns.length === 0) {
    throw configError(`Stream ${object}: its json_schema has no properties, so there are no columns to write.`)
  }
  const taken = columns.find(({ name }) => bookkeepingColumns.some((own) => own.name === name))
  if (bookkeeping && taken !== undefined) {
    throw configError(
      `Stream ${object}: its column ${taken.name} has the name of one that says what a row is: rename it.`,
    )
  }
}
