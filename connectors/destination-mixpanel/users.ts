import { distinctId, type MixpanelObject } from './object.ts'
import { profileSending, type ProfileKind } from './profiles.ts'

const kind: ProfileKind = { path: '/engage', key: 'distinct_id', name: ($distinct_id) => ({ $distinct_id }) }

/** Profiles of users. */
export const users: MixpanelObject = {
  offer: {
    object_name: 'users',
    json_schema: { type: 'object', properties: { distinct_id: distinctId }, additionalProperties: true },
    matching_keys: [['distinct_id']],
    does: { append_dedup: ['upsert'], soft_delete: ['delete'] },
  },
  sending: (target) => profileSending(target, kind),
}
