import { schemaOf, type Call } from './call.ts'

/** Ties traits to a user. The specification knows no other way to write a user, and none to delete one. */
export const identify: Call = {
  type: 'identify',
  required: {},
  rest: 'traits',
  offer: {
    object_name: 'identify',
    json_schema: schemaOf('traits', {}),
    matching_keys: [['userId'], ['anonymousId']],
    does: { append_dedup: ['upsert'], append: ['append', 'insert'] },
  },
}
