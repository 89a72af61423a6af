import type { ColumnType, MappedReference, MappedValue } from '../../contract/index.ts'
import type { MapValue } from '../../define/map-value.ts'
import type { ColumnRef } from '../../define/column.ts'
import type { ValueOf } from '../../define/values/nested.ts'
import { keyOf } from '../collect.ts'

/** Types of columns that only what dbt says tells. */
export type TypeOfColumn = (column: ColumnRef) => ColumnType | null

type Compile = {
  readonly [Kind in MapValue['kind']]: (value: ValueOf[Kind], compile: (value: MapValue) => MappedValue) => MappedValue
}

/** Values as the manifest has them. */
export function mappedBy(typeOf: TypeOfColumn): (value: MapValue) => MappedValue {
  const reference = (value: MapValue): MappedReference => compile(value) as MappedReference
  const byKind: Compile = {
    key: () => ({ type: 'key' }),
    trait: (value) => ({ type: 'trait', trait: keyOf(value) }),
    column: (value) => ({
      type: 'column',
      asset: keyOf(value.table),
      column: value.column,
      of: typeOf(value) ?? 'text',
    }),
    constant: ({ value }) => ({ type: 'constant', value }),
    template: ({ template, variables }) => ({ type: 'template', template, variables: each(variables, reference) }),
    cast: ({ value, to }) => ({ type: 'cast', value: compile(value), to }),
    identifier: ({ value, as, for: platform, country, invalid }) => ({
      ...{ type: 'identifier', value: compile(value), as, for: platform, invalid },
      ...(country !== null && { country: compile(country) }),
    }),
    coalesce: ({ values }) => ({ type: 'coalesce', values: values.map(compile) }),
    choice: ({ value, cases, otherwise }) => ({
      ...{ type: 'choice', value: compile(value), cases: each(cases, compile), otherwise: compile(otherwise) },
    }),
    bookkeeping: ({ what }) => ({ type: 'bookkeeping', what }),
    object: ({ fields }) => ({ type: 'object', fields: each(fields, compile) }),
    list: ({ items }) => ({ type: 'list', items: items.map(compile) }),
  }
  function compile(value: MapValue): MappedValue {
    return (byKind[value.kind] as (value: MapValue, compiler: typeof compile) => MappedValue)(value, compile)
  }
  return compile
}

function each<From, To>(record: Readonly<Record<string, From>>, of: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]))
}
