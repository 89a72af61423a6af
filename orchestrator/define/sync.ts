import { syncModes, type AssetKey, type ColumnType, type SyncMode } from '../contract/index.ts'
import type { Audience } from './audience.ts'
import { checkArguments, checkDefinition } from './check.ts'
import {
  assetInfo,
  assetOptions,
  branded,
  definitionOf,
  type AssetInfo,
  type AssetOptions,
  type Definition,
} from './definition.ts'
import { streamShape, type FieldTypes, type Stream } from './destination.ts'
import type { IdentifiesUsers } from './entity.ts'
import { locationOfCall } from './location.ts'
import type { FillsField, MapValue } from './map-value.ts'
import { either, flag, like, listOf, made, object, oneOf, optional, recordOf, text, type Shapes } from './shape.ts'
import { syncCases, type SyncCase } from './sync-case.ts'
import type { Trait } from './trait.ts'
import { guardShape, rejectsShape, type SyncGuardOptions, type SyncRejectOptions } from './sync-operations.ts'
import type { UserModel } from './user-model.ts'
import { definitionsIn, fromNested, type Nested } from './values/nested.ts'
import { nestedValue } from './values/shapes.ts'

/** Rows of an audience or a user model, kept current at a destination. */
export interface Sync extends Definition, AssetInfo {
  readonly kind: 'sync'
  readonly key: AssetKey
  readonly from: Audience | UserModel
  readonly to: Stream
  readonly mode: SyncMode
  readonly map: Readonly<Record<string, MapValue>>
  /** The fields that are left out where they are null: all, or those named. */
  readonly ignoreNulls: true | readonly string[]
  /** Rows and what is to become of them, by the names of the cases. */
  readonly cases: Readonly<Record<string, SyncCase>>
  /** Of several rows with one key, the one that is sent: the first by this trait. Null: none of them is. */
  readonly pick: { readonly by: Trait; readonly order: 'asc' | 'desc' } | null
  readonly rejects: SyncRejectOptions | null
  readonly guard: SyncGuardOptions | null
  readonly log: boolean
  /** Other streams of the same destination that each row goes to as well. */
  readonly also: readonly AlsoStream[]
}

/** What `alsoTo` makes. */
export interface AlsoStream {
  readonly kind: 'also'
  readonly to: Stream
  readonly mode: SyncMode
  readonly map: Readonly<Record<string, MapValue>>
  readonly ignoreNulls: true | readonly string[]
}

type BaseType<Type> = Type extends `${infer Base extends ColumnType}?` ? Base : Type & string

type RequiredFields<Fields> = { [Name in keyof Fields]: Fields[Name] extends `${string}?` ? never : Name }[keyof Fields]

type FieldValue<Of extends string, Type, IsKey extends boolean, Mode> =
  | MapValue<
      Of,
      FillsField<BaseType<Type>> &
        (IsKey extends true ? (Mode extends 'mirror' | 'upsert' ? IdentifiesUsers : unknown) : unknown)
    >
  | (BaseType<Type> extends 'json' ? NestedValues<Of> : never)

type NestedValues<Of extends string> =
  readonly Nested<Of>[] | { readonly kind?: never; readonly [field: string]: Nested<Of> | undefined }

type JsonFields<Fields> = {
  [Name in keyof Fields & string]: BaseType<Fields[Name]> extends 'json' ? Name : never
}[keyof Fields & string]

/**
 * What fills each field: required fields have to be there, others may be, and a field that the stream does not have is
 * refused unless the stream is open.
 */
export type SyncMap<
  Of extends string,
  Fields extends FieldTypes,
  Key extends string,
  Open extends boolean,
  Mode extends SyncMode,
> = {
  readonly [Name in RequiredFields<Fields>]: FieldValue<Of, Fields[Name], Name extends Key ? true : false, Mode>
} & {
  readonly [Name in Exclude<keyof Fields, RequiredFields<Fields>>]?: FieldValue<
    Of,
    Fields[Name],
    Name extends Key ? true : false,
    Mode
  >
} & { readonly [Path in `${JsonFields<Fields>}.${string}`]?: Nested<Of> } & (Open extends true
    ? { readonly [field: string]: Nested<Of> | undefined }
    : unknown)

const streamOptions = {
  mode: like(oneOf(syncModes), "mode: 'upsert'"),
  map: like(recordOf('values by field', optional(nestedValue)), 'map: { customer_id: customer.key }'),
  ignoreNulls: optional(like(either(flag, listOf('fields', text)), "ignoreNulls: true, or ['email']")),
}

const syncOptions = {
  ...assetOptions,
  from: like(definitionOf('audience', 'user_model'), 'from: atRisk'),
  to: like(streamShape, "to: crm.table('customers')"),
  rejects: optional(rejectsShape),
  guard: optional(guardShape),
  log: optional(flag),
  ...streamOptions,
  also: optional(like(listOf('streams', made('a stream as alsoTo(...)', 'also', {})), 'also: [alsoTo(...)]')),
  cases: optional(syncCases),
  pick: optional(
    like(
      object({ by: definitionOf('trait'), order: optional(oneOf(['asc', 'desc'])) }),
      "pick: { by: lastSeen, order: 'desc' }",
    ),
  ),
} satisfies Shapes<Parameters<typeof sync>[1]>

/**
 * A sync: who is sent, where to, how, and what fills each field.
 *
 * | mode | new | changed | gone |
 * |---|---|---|---|
 * | `upsert` | written | written | left alone |
 * | `update` | written if it is there | the same | left alone |
 * | `insert` | written unless it is there | left alone | left alone |
 * | `mirror` | written | written | deleted, if this sync had written it |
 * | `append` | written in every run | the same | left alone |
 * | `delete` | deleted | left alone | forgotten |
 * | `add` | added to the list | added again | left alone |
 * | `remove` | taken from the list | left alone | left alone |
 * | `members` | added to the list | added again | taken from it, if this sync had added it |
 *
 * ```ts
 * sync('at_risk_to_crm', {
 *   from: atRisk,
 *   to: crm.table('at_risk_customers'),
 *   mode: 'mirror',
 *   map: { customer_id: customer.key, lifetime_value: lifetimeValue },
 * })
 * ```
 */
export function sync<
  Of extends string,
  Fields extends FieldTypes,
  Key extends string,
  Open extends boolean,
  Modes extends SyncMode,
  const Mode extends NoInfer<Modes>,
>(
  name: string,
  options: AssetOptions & {
    readonly from: Audience<Of> | UserModel<Of>
    readonly to: Stream<Fields, Key, Open, Modes>
    readonly mode: Mode
    readonly map: SyncMap<NoInfer<Of>, NoInfer<Fields>, NoInfer<Key>, NoInfer<Open>, NoInfer<Mode>>
    /**
     * Fields that are left out where their value is null, so that the destination keeps what it has: all of them, or
     * those named. Without it, null is sent. Of nested values the nulls within are left out too.
     */
    readonly ignoreNulls?: boolean | readonly (keyof NoInfer<Fields> | (string & {}))[]
    /**
     * Unit tests of the mapping, which `traitline sync test` runs: a row, and the payload that it makes or the code of
     * the reason for which it is rejected. A row names the entity's key by its column, traits by their names and
     * columns as `table.column`. They are part of no revision.
     */
    readonly cases?: Readonly<Record<string, SyncCase>>
    /**
     * Of several rows with one key, the one to send: the first by a trait's values, greatest first unless `order` is
     * `asc`; rows without a value come last. Without it, or where two share the first place, none of them is sent.
     */
    readonly pick?: { readonly by: Trait<NoInfer<Of>>; readonly order?: 'asc' | 'desc' }
    /** What becomes of rows that the destination rejects: when a run fails or the sync pauses, how long they wait. */
    readonly rejects?: SyncRejectOptions
    /** How much of what was delivered a run may remove; the usual: a tenth, or half of few rows. */
    readonly guard?: SyncGuardOptions
    /** Keep in the warehouse, in `log_<sync>`, what became of each row of each run. Default: false. */
    readonly log?: boolean
    /** Other streams of the destination that each row goes to as well: see `alsoTo`. */
    readonly also?: readonly AlsoStream[]
  },
): Sync {
  checkDefinition('sync', name, options, syncOptions)
  const map = valuesOf(options.map)
  const { also = [] } = options
  return branded(
    {
      kind: 'sync' as const,
      name,
      key: `sync/${name}` as const,
      ...assetInfo(options),
      from: options.from,
      to: options.to,
      mode: options.mode,
      map,
      ignoreNulls: ignored(options.ignoreNulls),
      cases: Object.freeze({ ...options.cases }),
      pick:
        options.pick === undefined ? null : Object.freeze({ by: options.pick.by, order: options.pick.order ?? 'desc' }),
      also: Object.freeze([...also]),
      refs: Object.freeze([
        ...[options.from, options.to.destination, ...also.map(({ to }) => to.destination)],
        ...[map, ...also.map((stream) => stream.map)].flatMap((values) => Object.values(values).flatMap(definitionsIn)),
        ...(options.pick === undefined ? [] : [options.pick.by]),
      ]),
      rejects: options.rejects ?? null,
      guard: options.guard ?? null,
      log: options.log ?? false,
      definedAt: locationOfCall(sync),
    },
    {},
  )
}

/**
 * One more stream of a sync's destination: each row that is sent goes there too, by a mapping and a mode of its own,
 * after the sync's stream has the rows of the batch. A row counts as delivered once all of its streams have it, and is
 * rejected if one of them rejects it. Of a row that is removed, only streams whose own mode removes are told.
 *
 * ```ts
 * sync('loyal', {
 *   from: loyal,
 *   to: braze.attributes(),
 *   mode: 'upsert',
 *   map: { external_id: customer.key, tier },
 *   also: [alsoTo(braze.events(), { mode: 'append', map: { external_id: customer.key, name: constant('became_loyal') } })],
 * })
 * ```
 */
export function alsoTo<
  Fields extends FieldTypes,
  Key extends string,
  Open extends boolean,
  Modes extends SyncMode,
  const Mode extends NoInfer<Modes>,
>(
  to: Stream<Fields, Key, Open, Modes>,
  options: {
    readonly mode: Mode
    readonly map: SyncMap<string, NoInfer<Fields>, NoInfer<Key>, NoInfer<Open>, NoInfer<Mode>>
    readonly ignoreNulls?: boolean | readonly (keyof NoInfer<Fields> | (string & {}))[]
  },
): AlsoStream {
  checkArguments('alsoTo', { to: streamShape, options: object(streamOptions) }, { to, options })
  const { mode, map, ignoreNulls } = options
  return Object.freeze({ kind: 'also', to, mode, map: valuesOf(map), ignoreNulls: ignored(ignoreNulls) })
}

function valuesOf(map: object): Readonly<Record<string, MapValue>> {
  const entries = Object.entries(map as Readonly<Record<string, Nested | undefined>>)
  return Object.freeze(
    Object.fromEntries(
      entries.flatMap(([field, value]) => (value === undefined ? [] : [[field, fromNested(value)] as const])),
    ),
  )
}

function ignored(given: boolean | readonly PropertyKey[] = false): Sync['ignoreNulls'] {
  if (typeof given === 'boolean') return given || []
  return Object.freeze(given.map(String))
}
