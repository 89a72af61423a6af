import { columnTypes, type ColumnSpec, type ColumnType } from '../contract/index.ts'
import { checkArguments } from './check.ts'
import { definitionOf, type Definition } from './definition.ts'
import type { FilledBy, MapValue } from './map-value.ts'
import { either, flag, like, made, object, oneOf, optional, recordOf, text, type Shapes } from './shape.ts'

/** A column as it is declared: its type, or more about it. */
export type ColumnInput =
  | ColumnType
  | {
      readonly type: ColumnType
      readonly description?: string
      /** Holds personal data: masked wherever values are shown. */
      readonly pii?: boolean
    }

export type ColumnInputs = Readonly<Record<string, ColumnInput>>

const columnType = oneOf(columnTypes)
const columnInput = either(
  columnType,
  object({ type: columnType, description: optional(text), pii: optional(flag) } satisfies Shapes<
    Exclude<ColumnInput, ColumnType>
  >),
)

export const columnInputs = recordOf(
  'columns',
  like({ ...columnInput, expected: columnType.expected }, "id: 'text', or mail: { type: 'text', pii: true }"),
)

/** `{ id: 'text', mail: { type: 'text', pii: true } }` as `{ id: 'text', mail: 'text' }`. */
export type ColumnTypes<Inputs extends ColumnInputs> = {
  readonly [Name in keyof Inputs]: Inputs[Name] extends { readonly type: infer Type } ? Type : Inputs[Name]
}

export function columnSpecs(inputs: ColumnInputs): readonly ColumnSpec[] {
  return Object.freeze(
    Object.entries(inputs).map(([name, input]) =>
      Object.freeze({ name, ...(typeof input === 'string' ? { type: input } : input) }),
    ),
  )
}

/** Exists for the compiler alone: which columns a table has. */
export declare const columnsOf: unique symbol
/** Exists for the compiler alone: what values a column or a query holds, in words that make an error readable. */
export declare const holds: unique symbol

/** In words, since the compiler quotes them: "Property 'holds booleans' is missing in type ...". */
export type Holds<Type> = Type extends 'integer' | 'number'
  ? { readonly 'holds numbers': true }
  : Type extends 'text'
    ? { readonly 'holds text': true }
    : Type extends ColumnType
      ? { readonly [Words in `holds ${Type}s`]: true }
      : never

/** What SQL, or a column that was never declared, may hold: only the warehouse knows. */
export type HoldsAnything = Holds<'number'> & Holds<'text'> & Holds<'boolean'>

/** One column of a table: what a trait is made from, or what fills a destination's field. */
export interface ColumnRef<Type extends ColumnType = ColumnType, Columns = unknown> extends MapValue<
  never,
  FilledBy<Type>
> {
  readonly kind: 'column'
  readonly table: Definition
  readonly column: string
  readonly type: Type
  readonly [holds]?: Holds<Type>
  readonly [columnsOf]?: Columns
}

export const columnRef = made('a column', 'column', {
  table: definitionOf('source', 'model', 'notebook'),
  column: text,
})

/** A column of a model that the project does not declare: checked when the project is compiled, or runs. */
export interface OpenColumn extends MapValue<never, FilledBy<'unknown'>> {
  readonly kind: 'column'
  readonly table: Definition
  readonly column: string
  readonly type: null
  readonly [holds]?: HoldsAnything
  readonly [columnsOf]?: never
}

/** Anything with rows in the warehouse and columns that the project knows. */
export interface Table<Columns> extends Definition {
  readonly [columnsOf]?: Columns
  readonly columns: readonly ColumnSpec[]
  /** A column by its name, as what a trait is made from. */
  column<Name extends keyof Columns & string>(
    name: Name,
  ): ColumnRef<Columns[Name] extends ColumnType ? Columns[Name] : never, Columns>
}

interface HasColumns extends Definition {
  readonly columns: readonly ColumnSpec[]
}

/** The method `column` of every table. */
export const tableMethods = Object.freeze({
  column(this: HasColumns, name: string) {
    checkArguments(`the method column of ${this.kind} ${this.name}`, { name: text }, { name })
    const type = this.columns.find((column) => column.name === name)?.type ?? null
    const valueType = type ?? ('unknown' as const)
    return Object.freeze({ kind: 'column' as const, valueType, table: this, column: name, type })
  },
})
