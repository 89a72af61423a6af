import type { FieldMapping, SyncSpec, SyncStreamSpec } from '../../contract/index.ts'
import type { Sync } from '../../define/sync.ts'
import { definitionsIn } from '../../define/values/nested.ts'
import { keyOf, labelOf } from '../collect.ts'
import { operationsOf } from '../sync-operations.ts'
import { consentOf } from '../consent.ts'
import { baseSpec, checkEntity, type Context, type Draft } from '../context.ts'
import { checkMapping } from '../mapping/check.ts'
import { withPaths, type Fields } from '../mapping/fields.ts'
import { mappedBy } from '../mapping/mapped.ts'
import type { KnownColumns } from '../tables.ts'

export function compileSync(sync: Sync, context: Context, known: KnownColumns): Draft<SyncSpec> {
  const { from, to } = sync
  const { entity } = from
  const main = compileStream(sync, context, known)
  const also = sync.also.map((stream) => compileStream({ ...sync, ...stream, kind: 'sync' }, context, known))
  checkAlso(sync, context)
  const pick = sync.pick === null ? [] : [sync.pick.by]
  const reads = [...[main, ...also].flatMap((stream) => stream.reads), ...pick]
  checkEntity(sync, entity, reads, context)
  const consent = consentOf(sync, context)
  const { mapping } = main
  const alsoSpecs = also.map(({ to: { spec }, ...stream }, index): SyncStreamSpec => ({
    ...{ stream: spec.name, mode: sync.also[index]?.mode ?? sync.mode, mapping: stream.mapping },
  }))
  const spec = {
    ...baseSpec('sync', sync, context, [keyOf(from), ...reads.map(keyOf), ...consent], []),
    relation: null,
    entity: entity.name,
    from: keyOf(from),
    destination: to.destination.name,
    stream: to.spec.name,
    mode: sync.mode,
    mapping,
    ...(sync.pick !== null && { pick: { by: keyOf(sync.pick.by), order: sync.pick.order } }),
    ...(alsoSpecs.length > 0 && { also: alsoSpecs }),
    ...(consent.length > 0 && { consent }),
    ...operationsOf(sync, context),
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
      ...(spec.pick !== undefined && { pick: spec.pick }),
      ...(alsoSpecs.length > 0 && { also: [alsoSpecs, sync.also.map((stream) => stream.to.spec)] }),
      ...(consent.length > 0 && { consent }),
      key: { keyColumn: entity.keyColumn, keyType: entity.keyType },
    },
  }
}

/** What fills the fields of one of a sync's streams, checked. */
function compileStream(sync: Sync, context: Context, known: KnownColumns) {
  const { to } = sync
  const map = withPaths(sync.map, to.spec, (path) =>
    context.report(sync, `something that is no object is in the way of ${path}`, 'Map either the object or its parts'),
  )
  checkMapping(sync, map, context, known)
  const reads = Object.values(map).flatMap(definitionsIn)
  return { to, reads, mapping: fieldMappings(sync, map, context, known) }
}

function checkAlso(sync: Sync, context: Context): void {
  const { name } = sync.to.destination
  const names = [sync.to, ...sync.also.map(({ to }) => to)].map(({ spec }) => spec.name)
  for (const { to } of sync.also) {
    if (to.destination !== sync.to.destination) {
      const reason = `it also goes to ${to.spec.name} of ${to.destination.name}, and its own stream is of ${name}`
      context.report(sync, reason, `Use streams of ${name} alone, or a sync of its own`)
    }
  }
  const twice = names.filter((each, index) => names.indexOf(each) !== index)
  if (twice.length > 0)
    context.report(sync, `it goes to ${twice.join(', ')} twice`, 'Fill all of a stream’s fields in one map')
}

function fieldMappings(sync: Sync, map: Fields, context: Context, known: KnownColumns): readonly FieldMapping[] {
  const mapped = mappedBy(({ table, column, type }) => type ?? known.get(keyOf(table))?.columns.get(column) ?? null)
  const { ignoreNulls } = sync
  const ignored = (field: string): boolean => ignoreNulls === true || ignoreNulls.includes(field)
  if (ignoreNulls !== true) {
    const unknown = ignoreNulls.filter((field) => map[field] === undefined)
    if (unknown.length > 0) {
      const reason = `ignoreNulls names ${unknown.join(', ')}, which its map does not fill`
      context.report(sync, reason, `It fills ${Object.keys(map).join(', ')}`)
    }
  }
  return Object.entries(map).map(([field, value]) => ({
    ...{ field, value: mapped(value) },
    ...(ignored(field) && { ignoreNull: true }),
  }))
}
