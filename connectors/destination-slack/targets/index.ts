import type { WebClient } from '@slack/web-api'
import { configError, type DestinationCatalog, type DestinationContext, type JsonData } from '../../kit/index.ts'
import type { SlackConfig } from '../config.ts'
import { Poster } from '../poster.ts'
import { Digest } from './digest.ts'
import { Messages, toChannel, toColumn } from './messages.ts'
import { toPerson } from './people.ts'
import { messageProperties, type Target } from './target.ts'

const byColumn = '@channel'
const byEmail = '@person'
const digest = 'digest:'
/** A batch of a digest is one message; beyond this, several. */
const digestRows = 10_000

type Operation = DestinationCatalog['operations'][number]

/** Finds the target that a stream's object names. */
export function targetsOf(
  client: WebClient,
  config: SlackConfig,
  context: DestinationContext,
): (object: string) => Target {
  const poster = new Poster(client, config.messages_per_second, context)
  const made = new Map<string, Target>()
  const make = (object: string): Target => {
    if (object === byColumn) return new Messages(poster, toColumn)
    if (object === byEmail) {
      return new Messages(poster, toPerson(client, poster, { perMinute: config.lookups_per_minute, context }))
    }
    if (!object.startsWith(digest)) return new Messages(poster, toChannel(object))
    const name = object.slice(digest.length)
    const found = config.digests.find((one) => one.name === name)
    if (found === undefined) throw configError(`The configuration has no digest ${name}.`)
    return new Digest(poster, found)
  }
  return (object) => {
    const target = made.get(object) ?? make(object)
    made.set(object, target)
    return target
  }
}

function operation(object_name: string, properties: JsonData, more: Partial<Operation> = {}): Operation {
  const json_schema = { type: 'object', properties }
  return { object_name, sync_mode: 'append', json_schema, row_operations: ['append', 'insert'], ...more }
}

export function channelOperation(channel: string): Operation {
  return operation(channel, messageProperties)
}

/** What there is beside channels. */
export function otherOperations({ digests }: SlackConfig): Operation[] {
  return [
    operation(byColumn, { channel: { type: 'string', description: 'Name or id of a channel.' }, ...messageProperties }),
    operation(byEmail, { email: { type: 'string', description: 'Of a user of the workspace.' }, ...messageProperties }),
    ...digests.map(({ name }) =>
      operation(
        `${digest}${name}`,
        { text: { type: 'string', description: 'The row’s line, in Slack’s mrkdwn.' } },
        { recommended_batch_size: digestRows },
      ),
    ),
  ]
}
