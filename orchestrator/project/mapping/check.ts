import { Liquid } from 'liquidjs'
import { columnTypes, type ColumnType } from '../../contract/index.ts'
import type { ColumnRef } from '../../define/column.ts'
import type { MapValue } from '../../define/map-value.ts'
import type { Sync } from '../../define/sync.ts'
import { fieldsFilled } from '../../define/values/fills.ts'
import { valuesIn } from '../../define/values/nested.ts'
import type { Template } from '../../define/values/template.ts'
import { nearest } from '../../graph/index.ts'
import { keyOf } from '../collect.ts'
import type { Context } from '../context.ts'
import { checkColumn, type KnownColumns } from '../tables.ts'
import type { Fields } from './fields.ts'

/** Reports what of a mapping cannot be: for TypeScript the compiler said most of it already. */
export function checkMapping(sync: Sync, map: Fields, context: Context, known: KnownColumns): void {
  const report = (reason: string, fix: string): void => context.report(sync, reason, fix)
  const { spec, destination } = sync.to
  if (spec.modes.length === 0) {
    const near = nearest(
      spec.name,
      destination.streams.map((stream) => stream.name),
    )
    const fix = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Declare it with the destination'
    report(`the destination ${destination.name} has no ${spec.name}`, fix)
    return
  }
  if (!spec.modes.includes(sync.mode)) {
    const modes = spec.modes.join(', ')
    report(`${destination.name} ${spec.name} cannot do the mode ${sync.mode}`, `It can do ${modes}`)
  }
  const missing = spec.fields.filter(({ name, required }) => required && map[name] === undefined)
  if (missing.length > 0) {
    report(`nothing fills ${missing.map(({ name }) => name).join(', ')}`, 'Map each required field')
  }
  const names = spec.fields.map(({ name }) => name)
  for (const [field, value] of Object.entries(map)) {
    const declared = spec.fields.find(({ name }) => name === field)
    if (declared === undefined && !spec.open) {
      const near = nearest(field, names)
      const fix = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `It has ${names.join(', ')}`
      report(`${destination.name} ${spec.name} has no field ${field}`, fix)
    }
    if (declared !== undefined && !fillsField(value, declared.type)) {
      report(`the ${value.kind} that fills ${field} is no ${declared.type}`, 'Map a value that fits the field')
    }
    for (const part of valuesIn(value)) {
      if (part.kind === 'template') checkTemplate(field, part as Template, report)
      if (part.kind === 'column') checkSourceColumn(sync, part as ColumnRef, context, known)
    }
  }
  const keyed = sync.mode === 'mirror' || sync.mode === 'upsert'
  if (keyed && spec.key.some((field) => map[field] !== undefined && !isOfKey(map[field]))) {
    const fix = `Map it from ${sync.from.entity.name}.key`
    report(`the mode ${sync.mode} finds rows by ${spec.key.join(', ')}, which is not filled with the entity’s key`, fix)
  }
  // Of who left nothing but the entity's key is known.
  if (sync.mode === 'members' && (spec.key.length === 0 || !spec.key.every((field) => isOfKey(map[field])))) {
    const by = spec.key.length === 0 ? 'a key, which this list has not' : spec.key.join(', ')
    const fix = `Map it from ${sync.from.entity.name}.key, or use the mode add, which takes nobody away`
    report(`the mode members takes away who left by ${by}, and of them only the entity’s key is known`, fix)
  }
}

function fillsField(value: MapValue, type: ColumnType): boolean {
  return fieldsFilled(value).includes(type)
}

const changingKinds: readonly string[] = ['trait', 'column', 'bookkeeping']

/** Made of the entity's key, and of nothing that may change. */
function isOfKey(value: MapValue | undefined): boolean {
  if (value === undefined) return false
  const parts = valuesIn(value)
  return parts.some(({ kind }) => kind === 'key') && !parts.some(({ kind }) => changingKinds.includes(kind))
}

/** A column is read by the entity's key, and has to have a type for what reads it. */
function checkSourceColumn(
  sync: Sync,
  { table, column, type }: ColumnRef,
  context: Context,
  known: KnownColumns,
): void {
  const { keyColumn, keyType } = sync.from.entity
  checkColumn(sync, table, column, columnTypes, context, known)
  checkColumn(sync, table, keyColumn, [keyType], context, known)
  if ((type ?? known.get(keyOf(table))?.columns.get(column)) === null) {
    const reason = `nobody states the type of the column ${column} of ${keyOf(table)}, which it sends`
    context.report(sync, reason, 'State it where the table is defined, as models: { customers: { email: ... } }')
  }
}

/** A template makes text from its variables alone: it has no tags that read files. */
const liquid = new Liquid({ strictFilters: true })
for (const tag of ['include', 'render', 'layout', 'block']) delete liquid.tags[tag]

function checkTemplate(field: string, value: Template, report: (reason: string, fix: string) => void): void {
  let used: string[]
  try {
    used = liquid.globalVariablesSync(liquid.parse(value.template), { partials: false })
  } catch (error) {
    const [reason = 'it is no Liquid'] = (error instanceof Error ? error.message : String(error)).split('\n')
    report(`the template of ${field} cannot be read: ${reason}`, 'Mend it; Liquid’s reference is at liquidjs.com')
    return
  }
  const unknown = used.filter((name) => !Object.hasOwn(value.variables, name))
  if (unknown.length > 0) {
    const fix = `Add ${unknown.length === 1 ? 'it' : 'them'} to the template’s variables`
    report(`the template of ${field} uses ${unknown.join(', ')}, which it does not declare`, fix)
  }
}
