import { objectOf } from '../kit/index.ts'
import type { MixpanelObject } from './object.ts'
import { profileSending } from './profiles.ts'

const prefix = 'groups/'

/** Profiles of groups; the object names the group key of the project: `groups/company`. */
export const groups: MixpanelObject = {
  offer: {
    object_name: `${prefix}*`,
    json_schema: {
      type: 'object',
      properties: { group_id: { type: 'string', description: 'The group, by its id.' } },
      additionalProperties: true,
    },
    matching_keys: [['group_id']],
    does: { append_dedup: ['upsert'], soft_delete: ['delete'] },
  },
  sending: (target) => {
    const $group_key = objectOf(target.stream).slice(prefix.length)
    return profileSending(target, {
      path: '/groups',
      key: 'group_id',
      name: ($group_id) => ({ $group_key, $group_id }),
    })
  },
}
