import { createRequire } from 'node:module'

/**
 * Histories as JSON files, in the norm of Temporal's other tools. The SDK has functions for it, but they fail where
 * npm installs two copies of protobufjs: a reflected type of one is none for the other. So the copy is used here to
 * which the SDK's types belong.
 */
const common = createRequire(createRequire(import.meta.url).resolve('@temporalio/common'))
const proto = createRequire(common.resolve('@temporalio/proto'))

interface ProtoJson {
  toJson(type: unknown, message: unknown): unknown
  fromJson(type: unknown, json: unknown, options: { readonly ignoreUnknownFields: boolean }): unknown
}

interface Reflection {
  lookupType(name: string): { fromObject(object: unknown): unknown }
}

const { toJson, fromJson } = proto('protobufjs/ext/protojson') as ProtoJson
const { patchProtobufRoot } = common('@temporalio/proto/lib/patch-protobuf-root') as {
  patchProtobufRoot(root: unknown): Reflection
}
const historyType = patchProtobufRoot(common('@temporalio/proto')).lookupType('temporal.api.history.v1.History')

export function historyToJson(history: unknown): string {
  return JSON.stringify(toJson(historyType, historyType.fromObject(history)), null, 1)
}

/** What `Worker.runReplayHistory` takes. */
export function historyFromJson(text: string): unknown {
  return fromJson(historyType, JSON.parse(text), { ignoreUnknownFields: true })
}
