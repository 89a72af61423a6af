import type { EnvRef } from '../contract/index.ts'
import { checkDefinition } from './check.ts'
import {
  fieldTypes,
  destinationInfo,
  destinationOptions,
  makeDestination,
  rowModes,
  streamOf,
  streamSpec,
  type Destination,
  type DestinationOptions,
  type FieldTypes,
  type KeyAmongFields,
  type Stream,
} from './destination.ts'
import { textOrEnv } from './env.ts'
import { locationOfCall } from './location.ts'
import { byEnvironment, type ByEnvironment } from './per-environment.ts'
import { like, object, optional, recordOf, someText, type Shapes } from './shape.ts'

export interface PostgresTableInput {
  /** The column that identifies a row. A table without one can only be appended to. */
  readonly key?: string
  /** A column with `?` may be left out of a mapping. */
  readonly columns: FieldTypes
}

type Tables = Readonly<Record<string, PostgresTableInput>>

type TableStream<Input extends PostgresTableInput> = Input extends { readonly key: infer Key extends string }
  ? Stream<Input['columns'], Key, false, (typeof rowModes)[number]>
  : Stream<Input['columns'], never, false, 'append'>

export interface PostgresDestination<Inputs extends Tables> extends Destination {
  table<Name extends keyof Inputs & string>(name: Name): TableStream<Inputs[Name]>
}

const tableInput = object({
  key: optional(someText),
  columns: like(fieldTypes, "columns: { customer_id: 'text', tier: 'text?' }"),
} satisfies Shapes<PostgresTableInput>)

const postgresOptions = {
  ...destinationOptions,
  url: like(byEnvironment(textOrEnv), "url: env('CRM_URL')"),
  schema: optional(byEnvironment(someText)),
  tables: like(recordOf('tables', tableInput), "tables: { customers: { columns: { customer_id: 'text' } } }"),
} satisfies Shapes<Parameters<typeof postgres>[1]>

/**
 * Tables of an application's Postgres. A table that is missing is created; none is ever dropped.
 *
 * ```ts
 * const crm = postgres('crm', {
 *   url: env('CRM_URL'),
 *   tables: { customers: { key: 'customer_id', columns: { customer_id: 'text', tier: 'text?' } } },
 * })
 * sync('to_crm', { from: model, to: crm.table('customers'), mode: 'upsert', map: { customer_id: customer.key } })
 * ```
 */
export function postgres<const Inputs extends Tables>(
  name: string,
  options: DestinationOptions & {
    readonly url: ByEnvironment<string | EnvRef>
    /** The schema of the tables: default `public`. */
    readonly schema?: ByEnvironment<string>
    readonly tables: Inputs & { readonly [Name in keyof Inputs]: KeyAmongFields<Inputs[Name], Inputs[Name]['columns']> }
  },
): PostgresDestination<Inputs> {
  checkDefinition('destination', name, options, postgresOptions)
  const inputs: readonly [string, PostgresTableInput][] = Object.entries(options.tables)
  const streams = inputs.map(([table, { key, columns }]) =>
    streamSpec(table, columns, { key, modes: key === undefined ? ['append'] : rowModes }),
  )
  return makeDestination(
    {
      name,
      connector: { type: 'builtin', name: 'postgres' },
      config: { url: options.url, schema: options.schema ?? 'public' },
      streams,
      ...destinationInfo(options),
      definedAt: locationOfCall(postgres),
    },
    {
      table(this: Destination, table: string) {
        return streamOf(this, table)
      },
    },
  ) as unknown as PostgresDestination<Inputs>
}
