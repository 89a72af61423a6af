import type { DestinationSpec, JsonObject, StreamSpec } from '../contract/index.ts'
import type { Destination, Stream } from '../define/destination.ts'
import { connectorRefSchema } from '../schema/index.ts'
import { purposesOf } from './consent.ts'
import type { Context } from './context.ts'

/** A destination with the streams that it declares, and those that syncs use of one that has no list of its own. */
export function compileDestination(
  destination: Destination,
  used: readonly Stream[],
  context: Context,
): DestinationSpec {
  if (!connectorRefSchema.safeParse(destination.connector).success) {
    const fix = 'Use command([...]), image(reference), npm(name@version) or pypi(name==version)'
    context.report(destination, 'its connector cannot be started', fix)
  }
  const streams = new Map<string, StreamSpec>(destination.streams.map((stream) => [stream.name, stream]))
  for (const { spec } of used) if (spec.modes.length > 0 && !streams.has(spec.name)) streams.set(spec.name, spec)
  return {
    name: destination.name,
    connector: destination.connector,
    config: context.resolve(destination, destination.config) as JsonObject,
    streams: [...streams.values()],
    ...purposesOf(destination),
    definedAt: context.locate(destination.definedAt),
  }
}
