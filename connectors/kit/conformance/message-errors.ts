import { z } from 'zod'
import { destinationSyncModes, logLevels } from '../../protocol/index.ts'

/** As real peers write it: an unset field is absent or null. */
const unset = <Schema extends z.ZodType>(schema: Schema) => schema.nullish()
const object = z.record(z.string(), z.unknown())

const descriptor = z.looseObject({ name: z.string(), namespace: unset(z.string()) })
const streamState = z.looseObject({ stream_descriptor: descriptor, stream_state: unset(object) })
const stats = z.looseObject({ recordCount: unset(z.number()), rejectedRecordCount: unset(z.number()) })

/** What a destination may print, by the protocol's declaration. */
const messages = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('SPEC'), spec: z.looseObject({ connectionSpecification: object }) }),
  z.looseObject({
    type: z.literal('CONNECTION_STATUS'),
    connectionStatus: z.looseObject({ status: z.enum(['SUCCEEDED', 'FAILED']), message: unset(z.string()) }),
  }),
  z.looseObject({
    type: z.literal('DESTINATION_CATALOG'),
    destination_catalog: z.looseObject({
      operations: z.array(
        z.looseObject({ object_name: z.string(), sync_mode: z.enum(destinationSyncModes), json_schema: object }),
      ),
    }),
  }),
  z.looseObject({
    type: z.literal('STATE'),
    state: z.looseObject({
      type: unset(z.enum(['GLOBAL', 'STREAM', 'LEGACY'])),
      stream: unset(streamState),
      global: unset(z.looseObject({ shared_state: unset(object), stream_states: z.array(streamState) })),
      destinationStats: unset(stats),
    }),
  }),
  z.looseObject({
    type: z.literal('LOG'),
    log: z.looseObject({ level: z.enum(logLevels), message: z.string() }),
  }),
  z.looseObject({
    type: z.literal('TRACE'),
    trace: z.looseObject({
      type: z.enum(['ERROR', 'ESTIMATE', 'STREAM_STATUS', 'ANALYTICS']),
      emitted_at: z.number(),
      error: unset(
        z.looseObject({
          message: z.string(),
          failure_type: unset(z.enum(['system_error', 'config_error', 'transient_error'])),
        }),
      ),
    }),
  }),
  z.looseObject({
    type: z.literal('CONTROL'),
    control: z.looseObject({ type: z.literal('CONNECTOR_CONFIG'), emitted_at: z.number() }),
  }),
  z.looseObject({ type: z.literal('RECORD'), record: object }),
  z.looseObject({ type: z.literal('CATALOG'), catalog: object }),
])

/** What is wrong with a message, by field; empty if nothing. */
export function messageErrors(message: unknown): string[] {
  const result = messages.safeParse(message)
  if (result.success) return []
  return result.error.issues.map(({ path, message: why }) => `${path.map(String).join('.')} ${why}`)
}
