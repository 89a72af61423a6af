import { WebAPIPlatformError, type WebClient } from '@slack/web-api'
import {
  configError,
  defineDestination,
  DestinationError,
  operationOf,
  transientError,
  type DestinationCatalog,
  type JsonData,
} from '../kit/index.ts'
import { slackClient } from './client.ts'
import { configSchema } from './config.ts'
import { failureOf } from './outcome.ts'
import { SlackWriter } from './writer.ts'

const rowSchema: JsonData = {
  type: 'object',
  properties: {
    text: { type: ['null', 'string'], description: 'Slack’s mrkdwn; what notifications show if there are blocks.' },
    blocks: { type: ['null', 'array', 'string'], description: 'Block Kit blocks, as a list or its JSON text.' },
    thread_ts: { type: ['null', 'string'], description: 'Timestamp of the message that this one replies to.' },
  },
}

const channelsAPage = 200
const maxPages = 25

/**
 * Posts rows as messages: a stream is a channel, by name or id. Slack knows no key and no id of a request, so a
 * message whose outcome is unknown is never posted again by itself, and nothing can be updated or deleted.
 */
export const destinationSlack = defineDestination({
  name: 'destination-slack',
  documentationUrl: 'https://docs.slack.dev/reference/methods/chat.postMessage',
  spec: configSchema,
  syncModes: ['append'],

  async check(config) {
    await slackClient(config).auth.test().catch(rethrow)
  },

  async discover(config) {
    return { operations: await channels(slackClient(config)), idempotent: false, recommended_batch_size: 1 }
  },

  async open(config, catalog, context) {
    for (const stream of catalog.streams) {
      const operation = operationOf(stream)
      if (operation === 'append' || operation === 'insert') continue
      throw configError(
        `Stream ${stream.stream.name}: a message cannot be found again by a key, so Slack has no ${operation}. Use append or insert.`,
      )
    }
    return new SlackWriter(slackClient(config), config.messages_per_second, context)
  },
})

type Operations = DestinationCatalog['operations'][number][]

function appendTo(object_name: string): Operations[number] {
  return { object_name, sync_mode: 'append', json_schema: rowSchema, row_operations: ['append', 'insert'] }
}

/** The channels that the app may list; `*` stands for any other that it was invited to. */
async function channels(client: WebClient): Promise<Operations> {
  const operations = [appendTo('*')]
  let cursor: string | undefined
  for (let pages = 0; pages < maxPages; pages++) {
    const page = { exclude_archived: true, limit: channelsAPage, ...(cursor === undefined ? {} : { cursor }) }
    const answer = await client.conversations
      .list(page)
      .catch((error: unknown) => (mayNotList(error) ? null : rethrow(error)))
    if (answer === null) break
    for (const { name } of answer.channels ?? []) if (name !== undefined) operations.push(appendTo(`#${name}`))
    cursor = answer.response_metadata?.next_cursor
    if (cursor === undefined || cursor === '') break
  }
  return operations
}

/** Posting needs no right to list channels. */
function mayNotList(error: unknown): boolean {
  return error instanceof WebAPIPlatformError && ['missing_scope', 'unknown_method'].includes(String(error.data.error))
}

/** For calls that only read: why they failed, as people would say it. */
function rethrow(error: unknown): never {
  const failure = failureOf(error)
  if (failure.kind === 'row') throw transientError(`Slack answered ${failure.code}.`, error)
  if (failure.error instanceof DestinationError && failure.error.failureType === 'config_error') throw failure.error
  const reason = failure.error.message.split(', so it')[0]
  throw transientError(`${reason}: check api_url and the network.`, error)
}
