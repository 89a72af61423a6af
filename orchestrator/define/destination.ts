import {
  columnTypes,
  type ColumnType,
  type ConnectorRef,
  type EnvRef,
  type SourceLocation,
  type StreamFieldSpec,
  type StreamSpec,
  type SyncMode,
} from '../contract/index.ts'
import { branded, definitionOf, type Definition } from './definition.ts'
import { checkArguments } from './check.ts'
import { slots } from './limits.ts'
import type { ByEnvironment, PerEnvironment } from './per-environment.ts'
import { madePurpose, type Purpose } from './purpose.ts'
import { like, listOf, made, oneOf, optional, plainObject, recordOf, someText, type Shapes } from './shape.ts'

/** The type of a destination's field; with `?` it may be left out of a mapping. */
export type FieldType = ColumnType | `${ColumnType}?`
export type FieldTypes = Readonly<Record<string, FieldType>>

export const fieldTypes = recordOf('types of fields', oneOf(columnTypes.flatMap((type) => [type, `${type}?`])))

/** A connector's configuration as its `spec` asks, with `env(...)` where secrets go. */
export type ConfigValue =
  | string
  | number
  | boolean
  | null
  | EnvRef
  | PerEnvironment<unknown>
  | readonly ConfigValue[]
  | { readonly [name: string]: ConfigValue | undefined }

export type Config = { readonly [name: string]: ConfigValue | undefined }

/** Asks, in words, for what cannot be given if a stream's key is none of its fields. */
export type KeyAmongFields<Input, Fields> = Input extends { readonly key: infer Key extends string }
  ? Key extends keyof Fields
    ? unknown
    : { readonly [Words in `the key ${Key} is none of its fields`]: never }
  : unknown

/** Where syncs send rows. */
export interface Destination extends Definition {
  readonly kind: 'destination'
  readonly connector: ConnectorRef
  readonly config: Config
  readonly streams: readonly StreamSpec[]
  /** Null for any number of syncs at once. */
  readonly concurrency: ByEnvironment<number> | null
  /** All of them have to be consented to. */
  readonly purposes: readonly Purpose[]
}

/** What can be done with objects that have rows and a key. */
export const rowModes = ['upsert', 'update', 'insert', 'mirror', 'append', 'delete'] as const satisfies SyncMode[]
/** What can be done with lists that have members. */
export const listModes = ['add', 'remove', 'members'] as const satisfies SyncMode[]

/** What every destination may say of itself. */
export interface DestinationOptions {
  /** Syncs to it at once; the others wait. Default: any number. */
  readonly concurrency?: ByEnvironment<number>
  /**
   * What it uses people's data for: rows go there only while their users consent to each of them. Default: nothing that
   * needs consent.
   */
  readonly purposes?: readonly Purpose[]
}

export const destinationOptions = {
  concurrency: optional(slots),
  purposes: optional(like(listOf('purposes', madePurpose), 'purposes: [marketing]')),
} satisfies Shapes<DestinationOptions>

/** What every destination has of its options. */
export type DestinationInfo = Pick<Destination, 'concurrency' | 'purposes'>

export function destinationInfo({ concurrency, purposes = [] }: DestinationOptions): DestinationInfo {
  return { concurrency: concurrency ?? null, purposes: Object.freeze([...purposes]) }
}

declare const shape: unique symbol

/** One object of a destination that rows can be written to: a table, a channel, an audience list. */
export interface Stream<
  Fields extends FieldTypes = FieldTypes,
  Key extends string = string,
  Open extends boolean = boolean,
  Modes extends SyncMode = SyncMode,
> {
  readonly kind: 'stream'
  readonly destination: Destination
  readonly spec: StreamSpec
  readonly [shape]?: { readonly fields: Fields; readonly key: Key; readonly open: Open; readonly modes: Modes }
}

export const streamShape = made('a stream of a destination', 'stream', {
  destination: definitionOf('destination'),
  spec: plainObject,
})

export function makeDestination<Methods extends object>(
  fields: DestinationInfo & {
    readonly name: string
    readonly connector: ConnectorRef
    readonly config: Config
    readonly streams: readonly StreamSpec[]
    readonly definedAt: SourceLocation | null
  },
  methods: Methods & ThisType<Destination & Methods>,
): Destination & Methods {
  return branded(
    {
      ...fields,
      kind: 'destination' as const,
      config: Object.freeze(
        Object.fromEntries(Object.entries(fields.config).filter(([, value]) => value !== undefined)),
      ),
      refs: Object.freeze(fields.purposes.flatMap(({ consent }) => consent)),
    },
    methods,
  )
}

export function streamSpec(
  name: string,
  fields: FieldTypes,
  options: { readonly key?: string; readonly open?: boolean; readonly modes: readonly SyncMode[] },
): StreamSpec {
  return Object.freeze({
    name,
    fields: Object.freeze(Object.entries(fields).map(([field, type]): StreamFieldSpec => fieldSpec(field, type))),
    key: Object.freeze(options.key === undefined ? [] : [options.key]),
    open: options.open ?? false,
    modes: Object.freeze([...options.modes]),
  })
}

function fieldSpec(name: string, type: FieldType): StreamFieldSpec {
  const required = !type.endsWith('?')
  return Object.freeze({ name, type: (required ? type : type.slice(0, -1)) as ColumnType, required })
}

/** The name of a table, a channel, a stream. */
export function checkStreamName(destination: Destination, name: unknown): void {
  checkArguments(`a stream of destination ${destination.name}`, { name: someText }, { name })
}

/** A stream by its name; one that is not declared has no fields, which compiling reports. */
export function streamOf(destination: Destination, name: string): Stream {
  checkStreamName(destination, name)
  const spec = destination.streams.find((stream) => stream.name === name) ?? streamSpec(name, {}, { modes: [] })
  return Object.freeze({ kind: 'stream', destination, spec })
}
