import {
  configError,
  objectOf,
  operationOf,
  prepared,
  sending,
  taken,
  verdictByStatus,
  type Sending,
} from '../kit/index.ts'
import { brazeClient } from './client.ts'
import { identifiers, identityOf, keyOf, type Identifier } from './identifier.ts'
import { identifierFields, type BrazeObject, type Target } from './object.ts'
import { permissionOf } from './outcome.ts'
import { noIdentifier } from './track.ts'

const prefix = 'subscription_groups/'
const path = '/v2/subscription/status/set'
const takers = identifiers.filter(({ subscription }) => subscription !== null)

/** Who is subscribed to a group: `add` subscribes, `remove` unsubscribes. Both may be said twice. */
export const subscriptionGroup: BrazeObject = {
  offer: {
    object_name: `${prefix}*`,
    json_schema: { type: 'object', properties: identifierFields },
    matching_keys: takers.map(({ field }) => [field]),
    does: { append_dedup: ['add'], soft_delete: ['remove'] },
  },
  sending: subscriptions,
}

function subscriptions({ stream, config, context }: Target): Sending {
  const key = keyOf(stream) ?? (takers[0] as Identifier)
  const list = key.subscription
  if (list === null) throw noTaker(stream.stream.name, key.field)
  const group = {
    subscription_group_id: objectOf(stream).slice(prefix.length),
    subscription_state: operationOf(stream) === 'remove' ? 'unsubscribed' : 'subscribed',
  }
  const http = brazeClient(config, context, { name: 'subscription', perSecond: 80, burst: config.parallel_requests })
  return sending({
    limits: { count: 50, bytes: 1_000_000, itemBytes: 10_000 },
    prepare: ({ value }) => {
      const identity = identityOf(value, key)
      return identity === null ? { refusal: noIdentifier(key.field) } : prepared(identity.value)
    },
    async send(users) {
      const json = { subscription_groups: [{ ...group, [list]: users }] }
      const answer = await http.send({ method: 'POST', path, json, repeatable: true })
      return answer.ok ? taken : verdictByStatus('Braze', answer, permissionOf('subscription.status.set'))
    },
  })
}

function noTaker(stream: string, field: string): Error {
  const known = takers.map((one) => one.field).join(', ')
  return configError(`Stream ${stream}: Braze’s subscription groups know no ${field}. Match users by one of ${known}.`)
}
