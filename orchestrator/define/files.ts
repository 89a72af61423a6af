import type { EnvRef, SyncMode } from '../contract/index.ts'
import { checkDefinition } from './check.ts'
import {
  destinationInfo,
  destinationOptions,
  fieldTypes,
  makeDestination,
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
import { flag, like, object, oneOf, optional, recordOf, someText, type Shapes } from './shape.ts'

/** What happened to a key can be told without looking at what is there. */
const logModes = ['upsert', 'mirror', 'insert', 'append'] as const satisfies readonly SyncMode[]

export interface FilesInput {
  /** The column that identifies a row. With one, all modes but `append` write a log of changes. */
  readonly key?: string
  /** A column with `?` may be left out of a mapping. */
  readonly columns: FieldTypes
}

/** A bucket of Amazon S3, or of a store that speaks it. */
export interface BucketInput {
  readonly bucket: ByEnvironment<string | EnvRef>
  /** Before all names: `exports/crm`. */
  readonly prefix?: ByEnvironment<string>
  /** Default `us-east-1`. */
  readonly region?: ByEnvironment<string>
  /** Of a store that is not Amazon’s. */
  readonly endpoint?: ByEnvironment<string | EnvRef>
  /** The bucket is in the path, not in the host’s name: what most other stores want. */
  readonly pathStyle?: ByEnvironment<boolean>
  /** With `secretAccessKey`. Without both, the role or profile of the worker’s machine is used. */
  readonly accessKeyId?: ByEnvironment<string | EnvRef>
  readonly secretAccessKey?: ByEnvironment<string | EnvRef>
  readonly sessionToken?: ByEnvironment<string | EnvRef>
}

type Place =
  | {
      /** An absolute path, on the machine of the worker. */
      readonly folder: ByEnvironment<string | EnvRef>
      readonly s3?: never
    }
  | { readonly s3: BucketInput; readonly folder?: never }

type Format =
  | {
      /** Default `jsonl`. */
      readonly format?: 'jsonl' | 'csv'
      /** Default `none`. */
      readonly compression?: 'none' | 'gzip'
    }
  | {
      readonly format: 'parquet'
      /** Default `zstd`. */
      readonly compression?: 'none' | 'gzip' | 'snappy' | 'zstd'
    }

type FilesStream<Input extends FilesInput> = Input extends { readonly key: infer Key extends string }
  ? Stream<Input['columns'], Key, false, (typeof logModes)[number]>
  : Stream<Input['columns'], never, false, 'append'>

export interface FilesDestination<Inputs extends Readonly<Record<string, FilesInput>>> extends Destination {
  file<Name extends keyof Inputs & string>(name: Name): FilesStream<Inputs[Name]>
}

const filesInput = object({
  key: optional(someText),
  columns: like(fieldTypes, "columns: { customer_id: 'text', tier: 'text?' }"),
} satisfies Shapes<FilesInput>)

const bucketInput = object({
  bucket: like(byEnvironment(textOrEnv), "bucket: 'lake'"),
  prefix: optional(byEnvironment(someText)),
  region: optional(byEnvironment(someText)),
  endpoint: optional(byEnvironment(textOrEnv)),
  pathStyle: optional(byEnvironment(flag)),
  accessKeyId: optional(byEnvironment(textOrEnv)),
  secretAccessKey: optional(byEnvironment(textOrEnv)),
  sessionToken: optional(byEnvironment(textOrEnv)),
} satisfies Shapes<BucketInput>)

const filesOptions = {
  ...destinationOptions,
  folder: optional(like(byEnvironment(textOrEnv), "folder: '/data/lake'")),
  s3: optional(like(bucketInput, "s3: { bucket: 'lake', region: 'eu-central-1' }")),
  format: optional(oneOf(['jsonl', 'csv', 'parquet'])),
  compression: optional(oneOf(['none', 'gzip', 'snappy', 'zstd'])),
  path: optional(someText),
  bookkeeping: optional(flag),
  spreadsheetSafe: optional(flag),
  files: like(recordOf('files', filesInput), "files: { customers: { columns: { customer_id: 'text' } } }"),
}

/**
 * Files in a folder or a bucket: one of each batch, which never changes.
 *
 * ```ts
 * const lake = files('lake', {
 *   s3: { bucket: 'lake', region: 'eu-central-1' },
 *   format: 'parquet',
 *   path: '{stream}/date={date}',
 *   files: { customers: { key: 'customer_id', columns: { customer_id: 'text', tier: 'text?' } } },
 * })
 * sync('customers_to_lake', { from: model, to: lake.file('customers'), mode: 'mirror', map: { customer_id: customer.key } })
 * ```
 */
export function files<const Inputs extends Readonly<Record<string, FilesInput>>>(
  name: string,
  options: DestinationOptions &
    Place &
    Format & {
      /** Folders of a file, with `{stream}`, and `{date}`, `{hour}`, `{run}`. Default `{stream}/{date}`. */
      readonly path?: string
      /** Columns `_operation`, `_synced_at` and `_sync_run` also where all rows are appended. */
      readonly bookkeeping?: boolean
      /** In CSV, an apostrophe before texts that a spreadsheet would take for a formula. Default false. */
      readonly spreadsheetSafe?: boolean
      readonly files: Inputs & {
        readonly [Name in keyof Inputs]: KeyAmongFields<Inputs[Name], Inputs[Name]['columns']>
      }
    },
): FilesDestination<Inputs> {
  checkDefinition('destination', name, options, filesOptions)
  const inputs: readonly [string, FilesInput][] = Object.entries(options.files)
  const streams = inputs.map(([file, { key, columns }]) =>
    streamSpec(file, columns, { key, modes: key === undefined ? ['append'] : logModes }),
  )
  return makeDestination(
    {
      name,
      connector: { type: 'builtin', name: 'files' },
      config: {
        folder: options.folder,
        ...bucketConfig(options.s3),
        format: options.format,
        compression: options.compression,
        path: options.path,
        bookkeeping: options.bookkeeping,
        spreadsheet_safe: options.spreadsheetSafe,
      },
      streams,
      ...destinationInfo(options),
      definedAt: locationOfCall(files),
    },
    {
      file(this: Destination, file: string) {
        return streamOf(this, file)
      },
    },
  ) as unknown as FilesDestination<Inputs>
}

function bucketConfig(
  s3: BucketInput | undefined,
): Record<string, ByEnvironment<string | boolean | EnvRef> | undefined> {
  if (s3 === undefined) return {}
  const { pathStyle, accessKeyId, secretAccessKey, sessionToken, ...rest } = s3
  return {
    ...rest,
    path_style: pathStyle,
    access_key_id: accessKeyId,
    secret_access_key: secretAccessKey,
    session_token: sessionToken,
  }
}
