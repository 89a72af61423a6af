import type { StreamSpec } from '../../contract/index.ts'
import type { MapValue } from '../../define/map-value.ts'
import { objectOf, type ObjectOfValues } from '../../define/values/nested.ts'

export type Fields = Readonly<Record<string, MapValue>>

/**
 * Dotted names as nested objects: `{ 'address.city': a, 'address.zip': b }` fills the field address with an object of
 * two. A stream that has a field of that very name keeps it. `clash` is told a path of which a part is no object.
 */
export function withPaths(map: Fields, stream: StreamSpec, clash: (path: string) => void): Fields {
  const tree: Record<string, MapValue> = {}
  const isPath = (name: string): boolean => name.includes('.') && !stream.fields.some((field) => field.name === name)
  for (const [name, value] of Object.entries(map)) if (!isPath(name)) tree[name] = value
  for (const [name, value] of Object.entries(map)) {
    if (!isPath(name)) continue
    const [root = '', ...path] = name.split('.')
    const put = [root, ...path].includes('') ? null : putAt(tree[root], path, value)
    if (put === null) clash(name)
    else tree[root] = put
  }
  return tree
}

/** Null if something that is no object is in the way. */
function putAt(at: MapValue | undefined, path: readonly string[], value: MapValue): MapValue | null {
  const [name, ...rest] = path
  if (name === undefined) return at === undefined ? value : null
  if (at !== undefined && at.kind !== 'object') return null
  const fields = at === undefined ? {} : (at as ObjectOfValues).fields
  const put = putAt(fields[name], rest, value)
  return put === null ? null : objectOf(Object.entries({ ...fields, [name]: put }))
}
