import type { ColumnSpec, ColumnType, TraitOrigin, TraitSpec, TraitType } from '../../contract/index.ts'
import type { Trait } from '../../define/trait.ts'
import { keyOf } from '../collect.ts'
import { baseSpec, ownRelation, type Context, type Draft } from '../context.ts'
import { checkPartitionValues } from '../partitions.ts'
import { normalizedSql } from '../sql-text.ts'
import { checkColumn, type KnownColumns } from '../tables.ts'

/** Which columns a trait of each type can be made from, and how its own column is typed. */
const byType: Readonly<
  Record<TraitType['type'], { readonly from: readonly ColumnType[]; column(type: TraitType): ColumnType }>
> = {
  boolean: { from: ['boolean'], column: () => 'boolean' },
  continuous: {
    from: ['number', 'integer'],
    column: (type) => (type.type === 'continuous' && type.integer ? 'integer' : 'number'),
  },
  categorical: { from: ['text'], column: () => 'text' },
}

/** The columns of a trait's table: the entity's key, and its value. */
export function traitColumns(trait: Trait): ColumnSpec[] {
  return [{ name: trait.entity.keyColumn, type: trait.entity.keyType }, valueColumn(trait)]
}

export function valueColumn(trait: Trait): ColumnSpec {
  return {
    name: trait.name,
    type: byType[trait.type.type].column(trait.type),
    ...(trait.description === null ? {} : { description: trait.description }),
    ...(trait.pii ? { pii: true } : {}),
  }
}

export function compileTrait(trait: Trait, context: Context, known: KnownColumns): Draft<TraitSpec> {
  const { keyColumn, keyType } = trait.entity
  checkRange(trait, context)
  if (trait.name === keyColumn) {
    context.report(trait, `it is called like the key of ${trait.entity.name}`, 'Rename it: both stand in one table')
  }
  const { from } = trait
  if (from.kind === 'column') {
    checkColumn(trait, from.table, from.column, byType[trait.type.type].from, context, known)
    checkColumn(trait, from.table, keyColumn, [keyType], context, known)
  }
  if (from.kind === 'sql') checkPartitionValues(trait, from.template, trait.partitions?.spec ?? null, context)
  const origin: TraitOrigin =
    from.kind === 'sql'
      ? { type: 'sql', sql: from.template }
      : { type: 'column', asset: keyOf(from.table), column: from.column }
  const spec = {
    ...baseSpec(
      'trait',
      trait,
      context,
      from.kind === 'sql' ? from.template.refs : [keyOf(from.table)],
      traitColumns(trait),
    ),
    relation: ownRelation('trait', trait, context),
    entity: trait.entity.name,
    trait: trait.type,
    origin,
  }
  return {
    spec,
    content: {
      relation: spec.relation,
      key: { keyColumn, keyType },
      type: trait.type,
      origin: from.kind === 'sql' ? { type: 'sql', sql: normalizedSql(from.template) } : origin,
    },
  }
}

function checkRange(trait: Trait, context: Context): void {
  const { type } = trait
  if (type.type === 'categorical' && new Set(type.categories).size !== type.categories.length) {
    context.report(trait, 'a category stands twice among its categories', 'Name each once')
  }
  if (type.type === 'categorical' && type.categories.length === 0) {
    context.report(trait, 'it has no categories', 'Name all values that it may have')
  }
  if (type.type !== 'continuous') return
  if (type.min !== null && type.max !== null && type.min > type.max) {
    context.report(trait, `its range is empty: from ${type.min} to ${type.max}`, 'min is at most max')
  }
  if (!Number.isInteger(type.precision) || type.precision < 0 || type.precision > 15) {
    context.report(trait, `its precision is ${type.precision}`, 'Use a whole number of digits from 0 to 15')
  }
}
