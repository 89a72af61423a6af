import {
  fieldsBut,
  operationOf,
  prepared,
  refusedWhole,
  sending,
  taken,
  verdictByStatus,
  type Sending,
} from '../kit/index.ts'
import { brazeClient } from './client.ts'
import { identifiers, identityOf, keyOf } from './identifier.ts'
import { identifierFields, type BrazeObject, type Target } from './object.ts'
import { permissionOf } from './outcome.ts'
import { noIdentifier, trackSending } from './track.ts'

/** Profiles: attributes by /users/track, deletion by /users/delete. */
export const users: BrazeObject = {
  offer: {
    object_name: 'users',
    json_schema: { type: 'object', properties: identifierFields, additionalProperties: true },
    matching_keys: identifiers.map(({ field }) => [field]),
    does: { append_dedup: ['upsert'], update: ['update'], soft_delete: ['delete'] },
  },
  sending: (target) => (operationOf(target.stream) === 'delete' ? deletions(target) : attributes(target)),
}

/** A null takes an attribute away. An alias without a profile makes one only if it is said. */
function attributes(target: Target): Sending {
  const updates = operationOf(target.stream) === 'update'
  return trackSending(target, 'attributes', true, ({ value }, identity) => {
    const alias = 'user_alias' in identity
    return prepared({
      ...fieldsBut(value, ['alias_name']),
      ...identity,
      ...(updates || alias ? { _update_existing_only: updates } : {}),
    })
  })
}

/** A request has identifiers of one kind. Users that are not there are no error. */
function deletions({ stream, config, context }: Target): Sending {
  const key = keyOf(stream) ?? (identifiers[0] as (typeof identifiers)[number])
  const http = brazeClient(config, context, { name: 'delete', perSecond: 300, burst: config.parallel_requests })
  const { list, item } = key.deletion
  return sending({
    limits: { count: 50, bytes: 1_000_000, itemBytes: 10_000 },
    prepare: ({ value: row }) => {
      const identity = identityOf(row, key)
      return identity === null ? { refusal: noIdentifier(key.field) } : prepared(item(identity.value, config))
    },
    async send(items) {
      const answer = await http.send({
        method: 'POST',
        path: '/users/delete',
        json: { [list]: items },
        repeatable: true,
      })
      if (answer.ok) return taken
      if (answer.status === 404) return refusedWhole('refused', 'Braze refuses the deletion (HTTP 404).')
      return verdictByStatus('Braze', answer, permissionOf('users.delete'))
    },
  })
}
