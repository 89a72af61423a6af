import { Liquid } from 'liquidjs'
import { fieldsFilledBy, type MapValue, type Template } from '../define/map-value.ts'
import type { Sync } from '../define/sync.ts'
import type { ColumnType } from '../contract/index.ts'
import { nearest } from '../graph/index.ts'
import type { Context } from './context.ts'

/** Reports what of a mapping cannot be: for TypeScript the compiler said most of it already. */
export function checkMapping(sync: Sync, context: Context): void {
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
  const missing = spec.fields.filter(({ name, required }) => required && sync.map[name] === undefined)
  if (missing.length > 0) {
    report(`nothing fills ${missing.map(({ name }) => name).join(', ')}`, 'Map each required field')
  }
  const names = spec.fields.map(({ name }) => name)
  for (const [field, value] of Object.entries(sync.map)) {
    const declared = spec.fields.find(({ name }) => name === field)
    if (declared === undefined && !spec.open) {
      const near = nearest(field, names)
      const fix = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `It has ${names.join(', ')}`
      report(`${destination.name} ${spec.name} has no field ${field}`, fix)
    }
    if (declared !== undefined && !fillsField(value, declared.type)) {
      report(`the ${value.kind} that fills ${field} is no ${declared.type}`, 'Map a value that fits the field')
    }
    if (value.kind === 'template') checkTemplate(field, value as Template, report)
  }
  const keyed = sync.mode === 'mirror' || sync.mode === 'upsert'
  if (keyed && spec.key.some((field) => sync.map[field] !== undefined && sync.map[field].kind !== 'key')) {
    const fix = `Map it from ${sync.from.entity.name}.key`
    report(`the mode ${sync.mode} finds rows by ${spec.key.join(', ')}, which is not filled with the entity’s key`, fix)
  }
}

function fillsField(value: MapValue, type: ColumnType): boolean {
  return (fieldsFilledBy[value.valueType] as readonly ColumnType[]).includes(type)
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
