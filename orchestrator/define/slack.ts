import type { EnvRef } from '../contract/index.ts'
import { checkDefinition } from './check.ts'
import { env, textOrEnv } from './env.ts'
import {
  checkStreamName,
  destinationInfo,
  destinationOptions,
  makeDestination,
  streamSpec,
  type Destination,
  type DestinationOptions,
  type Stream,
} from './destination.ts'
import { locationOfCall } from './location.ts'
import { byEnvironment, type ByEnvironment } from './per-environment.ts'
import { like, optional, positive, type Shapes } from './shape.ts'

const messageFields = { text: 'text', blocks: 'json?', thread_ts: 'text?' } as const

/** One message a row. Slack knows no keys: a message can be sent once or every time, never changed. */
export type SlackChannel = Stream<typeof messageFields, never, false, 'insert' | 'append'>

export interface SlackDestination extends Destination {
  /** A channel by name (`#retention`) or id. The app has to be a member of it. */
  channel(name: string): SlackChannel
}

const slackOptions = {
  ...destinationOptions,
  token: like(byEnvironment(textOrEnv), "token: env('SLACK_BOT_TOKEN')"),
  apiUrl: optional(byEnvironment(textOrEnv)),
  messagesPerSecond: optional(byEnvironment(positive)),
} satisfies Shapes<Parameters<typeof slack>[1]>

/**
 * A Slack workspace.
 *
 * ```ts
 * const team = slack('team', { token: env('SLACK_BOT_TOKEN') })
 * sync('news', { from: atRisk, to: team.channel('#retention'), mode: 'insert', map: { text: template('...', {}) } })
 * ```
 */
export function slack(
  name: string,
  options: DestinationOptions & {
    /** A bot token with the scope `chat:write`. */
    readonly token: ByEnvironment<string | EnvRef>
    /** Slack's API, or something that speaks it: default the variable SLACK_API_URL, and Slack where it is not set. */
    readonly apiUrl?: ByEnvironment<string | EnvRef>
    /** Default 1, which is what Slack allows for a channel. */
    readonly messagesPerSecond?: ByEnvironment<number>
  },
): SlackDestination {
  checkDefinition('destination', name, options, slackOptions)
  return makeDestination(
    {
      name,
      connector: { type: 'builtin', name: 'slack' },
      config: {
        token: options.token,
        api_url: options.apiUrl ?? env('SLACK_API_URL', 'https://slack.com/api/'),
        messages_per_second: options.messagesPerSecond,
      },
      streams: [],
      ...destinationInfo(options),
      definedAt: locationOfCall(slack),
    },
    {
      channel(this: Destination, channel: string): SlackChannel {
        checkStreamName(this, channel)
        const spec = streamSpec(channel, messageFields, { modes: ['insert', 'append'] })
        return Object.freeze({ kind: 'stream', destination: this, spec })
      },
    },
  )
}
