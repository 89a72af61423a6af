import type { AssetKey, JsonObject } from '../contract/index.ts'
import { columnSpecs, tableMethods, type ColumnInputs, type ColumnTypes, type Table } from './column.ts'
import { assetInfo, branded, type AssetInfo, type AssetOptions } from './definition.ts'
import type { Entity, KeyType } from './entity.ts'
import { locationOfCall } from './location.ts'
import type { TableReference } from './sql.ts'

/** A notebook that writes one row a user: predictions, scores, segments. */
export interface Notebook<Columns = unknown> extends Table<Columns>, AssetInfo {
  readonly kind: 'notebook'
  readonly key: AssetKey
  readonly entity: Entity
  readonly path: string
  readonly inputs: Readonly<Record<string, TableReference>>
  readonly parameters: JsonObject
  /** Null for the kernel that the notebook names itself. */
  readonly kernel: string | null
  readonly timeoutSeconds: number
}

export interface NotebookOptions<Of, Output extends ColumnInputs> extends AssetOptions {
  /** The `.ipynb` file, relative to the project's folder. */
  readonly path: string
  /** Whom its output is about. */
  readonly of: Of
  /** The tables that it asks for, by the name that it uses. */
  readonly inputs: Readonly<Record<string, TableReference>>
  /** The columns that it hands back beside the entity's key. */
  readonly output: Output
  readonly parameters?: JsonObject
  /** Default: the kernel that the notebook names itself. */
  readonly kernel?: string
  /** Default 900. */
  readonly timeoutSeconds?: number
}

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
  const { of } = options
  return branded(
    {
      kind: 'notebook' as const,
      name,
      key: `notebook/${name}` as const,
      ...assetInfo(options),
      entity: of,
      path: options.path,
      inputs: Object.freeze({ ...options.inputs }),
      parameters: Object.freeze({ ...options.parameters }),
      kernel: options.kernel ?? null,
      timeoutSeconds: options.timeoutSeconds ?? 900,
      columns: columnSpecs({ [of.keyColumn]: of.keyType, ...options.output }),
      refs: Object.freeze([of, ...Object.values(options.inputs)]),
      definedAt: locationOfCall(notebook),
    },
    tableMethods,
  ) as unknown as Notebook<{ readonly [Name in Column]: Type } & ColumnTypes<Output>>
}
