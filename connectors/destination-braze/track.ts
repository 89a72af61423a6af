import { sending, type JsonData, type Prepared, type Sending, type SentRow } from '../kit/index.ts'
import { brazeClient } from './client.ts'
import { identityOf, keyOf } from './identifier.ts'
import type { Target } from './object.ts'
import { trackVerdict } from './outcome.ts'

const path = '/users/track'
/** A body has 4 MB at most, an object 100 kB; some of it is left for what surrounds the objects. */
const limits = { bytes: 3_990_000, itemBytes: 100_000 }

/**
 * Objects of one of the arrays of /users/track, a request for each array, so that older plans (75 of each) and newer ones
 * (75 together) are alike. `repeatable` is whether taking an object twice is the same as taking it once.
 */
export function trackSending(
  { stream, config, context }: Target,
  array: 'attributes' | 'events' | 'purchases',
  repeatable: boolean,
  objectOf: (row: SentRow, identity: JsonData) => Prepared<JsonData>,
): Sending {
  const key = keyOf(stream)
  const rate = { name: 'track', perSecond: config.requests_per_second, burst: config.parallel_requests }
  const http = brazeClient(config, context, rate)
  return sending<JsonData>({
    limits: { ...limits, count: config.objects_per_request },
    prepare: (row) => {
      const identity = identityOf(row.value, key)
      if (identity === null) return { refusal: noIdentifier(key?.field ?? null) }
      return objectOf(row, identity.by.member(identity.value, config))
    },
    async send(objects) {
      const answer = await http.send({ method: 'POST', path, json: { [array]: objects }, repeatable })
      return trackVerdict(answer, array, objects, (complaints) =>
        context.log.warn(`Braze has ${complaints} complaints of a request that it took, and names no object.`),
      )
    },
  })
}

export function noIdentifier(field: string | null): { readonly code: string; readonly message: string } {
  const what = field === null ? 'none of external_id, braze_id, alias_name, email and phone' : `no ${field}`
  return { code: 'no_identifier', message: `There is ${what}.` }
}
