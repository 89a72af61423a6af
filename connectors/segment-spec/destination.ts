import type { z } from 'zod'
import {
  configError,
  defineDestination,
  httpClient,
  offered,
  operationsOf,
  RequestWriter,
  sending,
  taken,
  verdictByStatus,
  type Destination,
  type DestinationContext,
  type HttpAnswer,
  type HttpClient,
  type Sending,
  type Verdict,
} from '../kit/index.ts'
import type { Call } from './call.ts'
import type { SpecConfig } from './config.ts'
import { group } from './group.ts'
import { identify } from './identify.ts'
import { messageOf } from './message.ts'
import { track } from './track.ts'

const calls: readonly Call[] = [identify, track, group]

/** What differs between those who take Segment's specification at `/v1/batch`. */
export interface SpecVendor<Spec extends z.ZodType<SpecConfig>> {
  readonly name: string
  /** What messages call it. */
  readonly vendor: string
  readonly documentationUrl: string
  readonly spec: Spec
  /** Without the path of the call. */
  readonly baseUrl: (config: z.output<Spec>) => string
  readonly limits: Sending['limits']
  /** Where to look when the write key is refused. */
  readonly keyHint: string
}

const path = '/v1/batch'
const recommendedBatchSize = 2_000

/** A destination for the calls of Segment's specification: identify, track and group. */
export function specDestination<Spec extends z.ZodType<SpecConfig>>(of: SpecVendor<Spec>): Destination<Spec> {
  return defineDestination({
    name: of.name,
    documentationUrl: of.documentationUrl,
    spec: of.spec,
    syncModes: ['append', 'append_dedup'],

    /** A batch without a message: no effect, and whether it is taken or refused for that, the key was looked at before. */
    async check(config, context) {
      const answer = await clientOf(of, config, context).send({
        ...{ method: 'POST', path, json: { batch: [] }, repeatable: true },
      })
      verdictOf(of, answer)
    },

    async discover() {
      const operations = calls.flatMap(({ offer }) => operationsOf(offer))
      return { operations, idempotent: true, recommended_batch_size: recommendedBatchSize }
    },

    async open(config, catalog, context) {
      const http = clientOf(of, config, context)
      return new RequestWriter(
        catalog,
        (stream) => sendingOf(of, offered(of.vendor, calls, stream), http),
        config.parallel_requests,
      )
    },
  })
}

function clientOf<Spec extends z.ZodType<SpecConfig>>(
  of: SpecVendor<Spec>,
  config: z.output<Spec>,
  context: DestinationContext,
): HttpClient {
  const authorization = `Basic ${Buffer.from(`${config.write_key}:`).toString('base64')}`
  return httpClient({
    vendor: of.vendor,
    baseUrl: of.baseUrl(config),
    timeoutMs: Math.round(config.timeout_seconds * 1000),
    context,
    limiter: context.limiter('requests', { perSecond: config.requests_per_second, burst: config.parallel_requests }),
    headers: () => ({ authorization }),
  })
}

/** Taken or refused as a whole; each message has an id, so one that is sent again is dropped by the receiver. */
function sendingOf<Spec extends z.ZodType<SpecConfig>>(of: SpecVendor<Spec>, call: Call, http: HttpClient): Sending {
  return sending({
    limits: of.limits,
    prepare: (row, batch) => messageOf(call, row, batch),
    async send(messages) {
      const answer = await http.send({ method: 'POST', path, json: { batch: messages }, repeatable: true })
      return verdictOf(of, answer)
    },
  })
}

function verdictOf({ vendor, keyHint }: Pick<SpecVendor<never>, 'vendor' | 'keyHint'>, answer: HttpAnswer): Verdict {
  if (answer.ok) return taken
  if (answer.status === 404) throw configError(`${vendor} knows no such source here (HTTP 404): ${keyHint}`)
  return verdictByStatus(vendor, answer, keyHint)
}
