import { schemaOf, type Call } from './call.ts'

/** Records what a user did. */
export const track: Call = {
  type: 'track',
  required: { event: 'the name of the event' },
  rest: 'properties',
  offer: {
    object_name: 'track',
    json_schema: schemaOf('properties', { event: { type: 'string', description: 'The name of the event.' } }),
    does: { append: ['append', 'insert'] },
  },
}
