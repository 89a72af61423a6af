import { WebAPIPlatformError, type WebClient } from '@slack/web-api'
import {
  configError,
  defineDestination,
  DestinationError,
  objectOf,
  operationOf,
  transientError,
  type DestinationCatalog,
} from '../kit/index.ts'
import { slackClient } from './client.ts'
import { configSchema } from './config.ts'
import { failureOf } from './outcome.ts'
import { channelOperation, otherOperations, targetsOf } from './targets/index.ts'
import { SlackWriter } from './writer.ts'

const channelsAPage = 200
const maxPages = 25

/**
 * Posts rows as messages: a stream is a channel, by name or id, or one of the targets beside. Slack knows no key and no id of a request, so a
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
    const operations = [...(await channels(slackClient(config))), ...otherOperations(config)]
    return { operations, idempotent: false, recommended_batch_size: 1 }
  },

  async open(config, catalog, context) {
    for (const stream of catalog.streams) {
      const operation = operationOf(stream)
      if (operation === 'append' || operation === 'insert') continue
      throw configError(
        `Stream ${stream.stream.name}: a message cannot be found again by a key, so Slack has no ${operation}. Use append or insert.`,
      )
    }
    const targetOf = targetsOf(slackClient(config), config, context)
    // A digest that is not configured is found out before anything is posted.
    for (const stream of catalog.streams) targetOf(objectOf(stream))
    return new SlackWriter(targetOf)
  },
})

type Operations = DestinationCatalog['operations'][number][]

/** The channels that the app may list; `*` stands for any other that it was invited to. */
async function channels(client: WebClient): Promise<Operations> {
  const operations = [channelOperation('*')]
  let cursor: string | undefined
  for (let pages = 0; pages < maxPages; pages++) {
    const page = { exclude_archived: true, limit: channelsAPage, ...(cursor === undefined ? {} : { cursor }) }
    const answer = await client.conversations
      .list(page)
      .catch((error: unknown) => (mayNotList(error) ? null : rethrow(error)))
    if (answer === null) break
    for (const { name } of answer.channels ?? []) if (name !== undefined) operations.push(channelOperation(`#${name}`))
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
