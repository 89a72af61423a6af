import { dbtSchema, type AssetKey, type ColumnSpec } from '../contract/index.ts'
import { madeCheck, type Check } from './asset-check.ts'
import {
  type columnsOf,
  columnInputs,
  columnSpecs,
  tableMethods,
  type ColumnInputs,
  type ColumnTypes,
  type OpenColumn,
  type Table,
} from './column.ts'
import { checkArguments, checkDefinition } from './check.ts'
import { assetInfo, assetOptions, branded, type AssetInfo, type AssetOptions, type Definition } from './definition.ts'
import { locationOfCall } from './location.ts'
import { byEnvironment, type ByEnvironment, type Settable } from './per-environment.ts'
import { either, jsonObject, like, listOf, optional, recordOf, someText, text, type Shapes } from './shape.ts'
import { partitionReads, partitionsShape, type PartitionRead, type Partitions } from './partitions.ts'
import { tableReference, type TableReference } from './table-reference.ts'

/** A dbt model. What dbt's manifest says of it is added when the project is compiled. */
interface ModelData extends AssetInfo {
  readonly kind: 'model'
  readonly key: AssetKey
  readonly project: Dbt
  /** False if the project never names its columns. */
  readonly declared: boolean
}

/** A model whose columns the project declares. */
export interface Model<Columns = unknown> extends Table<Columns>, ModelData {
  readonly kind: 'model'
}

/** A model whose columns only dbt knows. */
export interface OpenModel extends Definition, ModelData {
  readonly kind: 'model'
  readonly columns: readonly ColumnSpec[]
  readonly [columnsOf]?: never
  column(name: string): OpenColumn
}

/** A dbt project: by itself it stands for all of its models. */
export interface Dbt<Models = unknown> extends Definition, AssetInfo {
  readonly kind: 'dbt'
  readonly path: string
  readonly schema: ByEnvironment<string>
  readonly vars: Readonly<Record<string, Settable>>
  readonly models: Readonly<Record<string, readonly ColumnSpec[]>>
  /** By the model's name. */
  readonly modelChecks: Readonly<Record<string, readonly Check[]>>
  readonly partitions: Readonly<Record<string, Partitions>>
  readonly partitionBy: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly reads: readonly PartitionRead[]
  model<Name extends keyof Models & string>(name: Name): Model<Models[Name]>
  model(name: string): OpenModel
}

export interface DbtOptions<Models extends Readonly<Record<string, ColumnInputs>>> extends Omit<
  AssetOptions,
  'checks' | 'formerly'
> {
  /** The dbt project's folder, relative to the project's. */
  readonly path: string
  /** Sources, or any other assets, that its models read with `source()`. */
  readonly sources?: readonly TableReference[]
  /** The columns of models that traits are made from. Columns that dbt documents must be among dbt's. */
  readonly models?: Models
  /** Checks of models by name, beside their dbt tests. A model with one that blocks is built before its readers are. */
  readonly checks?: Readonly<Record<string, readonly Check[]>>
  /** The warehouse's schema for its models: default `dbt_<name>`. */
  readonly schema?: ByEnvironment<string>
  readonly vars?: Readonly<Record<string, Settable>>
  /**
   * The models that are made in partitions, by name. dbt is run once for each partition, with the variables
   * traitline_partition_key, traitline_partition_start and traitline_partition_end: let the model be incremental and
   * replace what is between the two.
   */
  readonly partitions?: Readonly<Record<string, Partitions>>
  /**
   * The column of each of these models that tells the partition, as of a source: `{ visits: 'day' }`. What reads
   * partitions of the model then reads their rows alone; without it, the whole table. The column needs a type, by
   * `models` or in dbt.
   */
  readonly partitionBy?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  /** Which partitions of what its models read, where it is not what is read by default. */
  readonly reads?: readonly PartitionRead[]
}

// A model says in its YAML what it was called.
const { formerly: _formerly, ...ofItsModels } = assetOptions

const dbtOptions = {
  ...ofItsModels,
  path: like(text, "path: 'dbt'"),
  sources: optional(listOf('assets with tables', tableReference)),
  models: optional(recordOf('models', columnInputs)),
  schema: optional(byEnvironment(someText)),
  checks: optional(recordOf('lists of checks', listOf('checks', madeCheck))),
  vars: optional(jsonObject),
  partitions: optional(recordOf('partitions', partitionsShape)),
  partitionBy: optional(recordOf('columns', either(text, recordOf('texts', text)))),
  reads: optional(partitionReads),
} satisfies Shapes<DbtOptions<Record<string, ColumnInputs>>>

/**
 * A dbt project, whose models become assets.
 *
 * ```ts
 * const warehouse = dbt('shop', {
 *   path: 'dbt',
 *   sources: [purchases],
 *   models: { customers: { customer_id: 'text', lifetime_value: 'number' } },
 * })
 * const customers = warehouse.model('customers')
 * ```
 *
 * Owners, tags, group and freshness hold for all of its models, beside what dbt says of each.
 */
export function dbt<const Models extends Readonly<Record<string, ColumnInputs>> = Record<never, ColumnInputs>>(
  name: string,
  options: DbtOptions<Models>,
): Dbt<{ readonly [Name in keyof Models]: ColumnTypes<Models[Name]> }> {
  checkDefinition('dbt', name, options, dbtOptions)
  const models = new Map<string, object>()
  const model = (modelName: string): object => {
    checkArguments(`the method model of dbt ${name}`, { name: text }, { name: modelName })
    let found = models.get(modelName)
    if (found === undefined) models.set(modelName, (found = makeModel(project, modelName)))
    return found
  }
  const project: Dbt = branded(
    {
      kind: 'dbt' as const,
      name,
      ...assetInfo({ ...options, checks: [] }),
      path: options.path,
      schema: options.schema ?? dbtSchema(name),
      vars: Object.freeze({ ...options.vars }),
      models: Object.freeze(
        Object.fromEntries(Object.entries(options.models ?? {}).map(([key, columns]) => [key, columnSpecs(columns)])),
      ),
      modelChecks: Object.freeze({ ...options.checks }),
      partitions: Object.freeze({ ...options.partitions }),
      partitionBy: Object.freeze({ ...options.partitionBy }),
      reads: Object.freeze([...(options.reads ?? [])]),
      refs: Object.freeze([...(options.sources ?? [])]),
      definedAt: locationOfCall(dbt),
    },
    { model },
  ) as unknown as Dbt
  return project as Dbt<{ readonly [Name in keyof Models]: ColumnTypes<Models[Name]> }>
}

function makeModel(project: Dbt, name: string): object {
  const declared = Object.hasOwn(project.models, name)
  return branded(
    {
      kind: 'model' as const,
      name,
      key: `model/${project.name}/${name}` as const,
      ...assetInfo({}),
      project,
      declared,
      columns: declared ? project.models[name] : [],
      refs: [project],
      definedAt: project.definedAt,
    },
    tableMethods,
  )
}
