import type { AssetKey } from '../contract/index.ts'
import { checkDefinition } from './check.ts'
import { columnInputs, columnSpecs, tableMethods, type ColumnInputs, type ColumnTypes, type Table } from './column.ts'
import { assetInfo, assetOptions, branded, definitionOf, type AssetInfo, type AssetOptions } from './definition.ts'
import type { Entity, KeyType } from './entity.ts'
import { locationOfCall } from './location.ts'
import type { Settable } from './per-environment.ts'
import { partitionInfo, partitionOptions, type PartitionInfo, type PartitionOptions } from './partitions.ts'
import { jsonObject, like, optional, positive, recordOf, someText, text, type Shapes } from './shape.ts'
import type { Resource } from './resource.ts'
import { madeResource } from './resource-shape.ts'
import { tableReference, type TableReference } from './table-reference.ts'

/** A notebook that writes one row a user: predictions, scores, segments. */
export interface Notebook<Columns = unknown> extends Table<Columns>, AssetInfo, PartitionInfo {
  readonly kind: 'notebook'
  readonly key: AssetKey
  readonly entity: Entity
  readonly path: string
  readonly inputs: Readonly<Record<string, TableReference>>
  readonly parameters: Readonly<Record<string, Settable>>
  readonly resources: Readonly<Record<string, Resource>>
  /** Null for the kernel that the notebook names itself. */
  readonly kernel: string | null
  readonly timeoutSeconds: number
}

export interface NotebookOptions<Of, Output extends ColumnInputs> extends AssetOptions, PartitionOptions {
  /** The `.ipynb` file, relative to the project's folder. */
  readonly path: string
  /** Whom its output is about. */
  readonly of: Of
  /** The tables that it asks for, by the name that it uses. */
  readonly inputs: Readonly<Record<string, TableReference>>
  /** The columns that it hands back beside the entity's key. */
  readonly output: Output
  /** Part of what it is: with another parameter it is made anew. No place for what `env(...)` reads. */
  readonly parameters?: Readonly<Record<string, Settable>>
  /** What it asks for with `traitline.resource(name)`, by the name that it uses: see `resource`. */
  readonly resources?: Readonly<Record<string, Resource>>
  /** Default: the kernel that the notebook names itself. */
  readonly kernel?: string
  /** Default 900. */
  readonly timeoutSeconds?: number
}

const notebookOptions = {
  ...assetOptions,
  ...partitionOptions,
  path: like(text, "path: 'notebooks/churn.ipynb'"),
  of: like(definitionOf('entity'), 'of: customer'),
  inputs: like(recordOf('assets with tables', tableReference), 'inputs: { purchases }'),
  output: like(columnInputs, "output: { churn_propensity: 'number' }"),
  parameters: optional(jsonObject),
  resources: optional(recordOf('resources', madeResource)),
  kernel: optional(someText),
  timeoutSeconds: optional(positive),
} satisfies Shapes<NotebookOptions<Entity, ColumnInputs>>

/**
 * A notebook as an asset.
 *
 * ```ts
 * const churn = notebook('churn', {
 *   path: 'notebooks/churn.ipynb',
 *   of: customer,
 *   inputs: { purchases },
 *   output: { churn_propensity: 'number' },
 * })
 * ```
 */
export function notebook<Column extends string, Type extends KeyType, const Output extends ColumnInputs>(
  name: string,
  options: NotebookOptions<Entity<string, Column, Type>, Output>,
): Notebook<{ readonly [Name in Column]: Type } & ColumnTypes<Output>> {
  checkDefinition('notebook', name, options, notebookOptions)
  const { of } = options
  return branded(
    {
      kind: 'notebook' as const,
      name,
      key: `notebook/${name}` as const,
      ...assetInfo(options),
      ...partitionInfo(options),
      entity: of,
      path: options.path,
      inputs: Object.freeze({ ...options.inputs }),
      parameters: Object.freeze({ ...options.parameters }),
      resources: Object.freeze({ ...options.resources }),
      kernel: options.kernel ?? null,
      timeoutSeconds: options.timeoutSeconds ?? 900,
      columns: columnSpecs({ [of.keyColumn]: of.keyType, ...options.output }),
      refs: Object.freeze([of, ...Object.values(options.inputs), ...Object.values(options.resources ?? {})]),
      definedAt: locationOfCall(notebook),
    },
    tableMethods,
  ) as unknown as Notebook<{ readonly [Name in Column]: Type } & ColumnTypes<Output>>
}
