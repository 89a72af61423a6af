import type { FieldMapping, MappedValue, SyncSpec } from '../../contract/index.ts'
import type { Definition } from '../../define/definition.ts'
import type { Constant, MapValue, Template } from '../../define/map-value.ts'
import type { Sync } from '../../define/sync.ts'
import { keyOf, labelOf } from '../collect.ts'
import { consentOf } from '../consent.ts'
import { baseSpec, checkEntity, type Context, type Draft } from '../context.ts'
import { checkMapping } from '../mapping.ts'

export function compileSync(sync: Sync, context: Context): Draft<SyncSpec> {
  const { from, to } = sync
  const { entity } = from
  const values = Object.values(sync.map)
  checkEntity(sync, entity, values.flatMap(traitsOf), context)
  checkMapping(sync, context)
  const consent = consentOf(sync, context)
  const mapping = Object.entries(sync.map).map(([field, value]): FieldMapping => ({ field, value: mapped(value) }))
  const spec = {
    ...baseSpec('sync', sync, context, [keyOf(from), ...values.flatMap(traitsOf).map(keyOf), ...consent], []),
    relation: null,
    entity: entity.name,
    from: keyOf(from),
    destination: to.destination.name,
    stream: to.spec.name,
    mode: sync.mode,
    mapping,
    ...(consent.length > 0 && { consent }),
  }
  return {
    spec,
    content: {
      from: spec.from,
      destination: labelOf(to.destination),
      connector: to.destination.connector,
      config: to.destination.config,
      stream: to.spec,
      mode: spec.mode,
      mapping,
      ...(consent.length > 0 && { consent }),
      key: { keyColumn: entity.keyColumn, keyType: entity.keyType },
    },
  }
}

type TraitValue = MapValue & Definition

function traitsOf(value: MapValue): TraitValue[] {
  const values = value.kind === 'template' ? Object.values((value as Template).variables) : [value]
  return values.filter((item): item is TraitValue => item.kind === 'trait')
}

type Mapped = { readonly [Kind in MapValue['kind']]: (value: never) => MappedValue }

function reference(value: MapValue): { type: 'key' } | { type: 'trait'; trait: ReturnType<typeof keyOf> } {
  return value.kind === 'trait' ? { type: 'trait', trait: keyOf(value as TraitValue) } : { type: 'key' }
}

const byKind: Mapped = {
  key: reference,
  trait: reference,
  constant: ({ value }: Constant) => ({ type: 'constant', value }),
  template: ({ template, variables }: Template) => ({
    type: 'template',
    template,
    variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, reference(value)])),
  }),
}

function mapped(value: MapValue): MappedValue {
  return byKind[value.kind](value as never)
}
