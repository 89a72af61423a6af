import { schemaOf, type Call } from './call.ts'

/** Ties a user to a group, and traits to the group. */
export const group: Call = {
  type: 'group',
  required: { groupId: 'the id of the group' },
  rest: 'traits',
  offer: {
    object_name: 'group',
    json_schema: schemaOf('traits', { groupId: { type: 'string', description: 'The group: a company, an account.' } }),
    matching_keys: [['groupId'], ['userId']],
    does: { append_dedup: ['upsert'], append: ['append', 'insert'] },
  },
}
