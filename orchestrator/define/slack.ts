import type { EnvRef } from '../contract/index.ts'
import { checkDefinition } from './check.ts'
import { env, textOrEnv } from './env.ts'
import {
  checkStreamName,
  destinationInfo,
  destinationOptions,
  makeDestination,
  streamSpec,
  type Config,
  type Destination,
  type DestinationOptions,
  type FieldTypes,
  type Stream,
} from './destination.ts'
import { locationOfCall } from './location.ts'
import { byEnvironment, type ByEnvironment } from './per-environment.ts'
import { flag, like, object, optional, positive, recordOf, someText, whole, type Shapes } from './shape.ts'

const messageFields = { text: 'text', blocks: 'json?', thread_ts: 'text?' } as const
const channelsFields = { channel: 'text', ...messageFields } as const
const peopleFields = { email: 'text', ...messageFields } as const
const lineFields = { text: 'text' } as const

/** Slack knows no keys: a message can be sent once or every time, never changed. */
const slackModes = ['insert', 'append'] as const

type SlackStream<Fields extends FieldTypes> = Stream<Fields, never, false, (typeof slackModes)[number]>

/** One message a row. */
export type SlackChannel = SlackStream<typeof messageFields>

/** One message for many rows: a title, a line for each of them, and how many more there are. */
export interface SlackDigestInput {
  /** A channel by name (`#retention`) or id. */
  readonly channel: ByEnvironment<string>
  /** A Liquid template of `count`, `shown` and `more`: default `{{ count }} rows`. */
  readonly title?: string
  /** What is said of rows that are not shown: default `_and {{ more }} more_`. */
  readonly more?: string
  /** Rows that are shown at most: default 20. */
  readonly maxRows?: number
  /** The title is the message, and each row a reply to it. Default false. */
  readonly thread?: boolean
}

type Digests = Readonly<Record<string, SlackDigestInput>>

export interface SlackDestination<Names extends string = string> extends Destination {
  /** A channel by name (`#retention`) or id. The app has to be a member of it. */
  channel(name: string): SlackChannel
  /** The channel is a column of each row. */
  channels(): SlackStream<typeof channelsFields>
  /** A direct message to the user of each row's e-mail address. The app needs the scope `users:read.email`. */
  people(): SlackStream<typeof peopleFields>
  /** One of the digests above, whose rows are lines. */
  digest(name: Names): SlackStream<typeof lineFields>
}

const digestInput = object({
  channel: like(byEnvironment(someText), "channel: '#retention'"),
  title: optional(someText),
  more: optional(someText),
  maxRows: optional(whole(1, 1_000)),
  thread: optional(flag),
} satisfies Shapes<SlackDigestInput>)

const slackOptions = {
  ...destinationOptions,
  token: like(byEnvironment(textOrEnv), "token: env('SLACK_BOT_TOKEN')"),
  apiUrl: optional(byEnvironment(textOrEnv)),
  messagesPerSecond: optional(byEnvironment(positive)),
  digests: optional(recordOf('digests', digestInput)),
} satisfies Shapes<Parameters<typeof slack>[1]>

/**
 * A Slack workspace.
 *
 * ```ts
 * const team = slack('team', { token: env('SLACK_BOT_TOKEN') })
 * sync('news', { from: atRisk, to: team.channel('#retention'), mode: 'insert', map: { text: template('...', {}) } })
 *
 * const daily = slack('daily', {
 *   token: env('SLACK_BOT_TOKEN'),
 *   digests: { at_risk: { channel: '#retention', title: '{{ count }} customers may leave' } },
 * })
 * sync('digest', { from: atRisk, to: daily.digest('at_risk'), mode: 'insert', map: { text: template('...', {}) } })
 * ```
 */
export function slack<const Inputs extends Digests = Readonly<Record<never, never>>>(
  name: string,
  options: DestinationOptions & {
    /** A bot token with the scope `chat:write`. */
    readonly token: ByEnvironment<string | EnvRef>
    /** Slack's API, or something that speaks it: default the variable SLACK_API_URL, and Slack where it is not set. */
    readonly apiUrl?: ByEnvironment<string | EnvRef>
    /** Default 1, which is what Slack allows for a channel. */
    readonly messagesPerSecond?: ByEnvironment<number>
    readonly digests?: Inputs
  },
): SlackDestination<keyof Inputs & string> {
  checkDefinition('destination', name, options, slackOptions)
  return makeDestination(
    {
      name,
      connector: { type: 'builtin', name: 'slack' },
      config: {
        token: options.token,
        api_url: options.apiUrl ?? env('SLACK_API_URL', 'https://slack.com/api/'),
        messages_per_second: options.messagesPerSecond,
        digests: digestConfigs(options.digests ?? {}),
      },
      streams: [],
      ...destinationInfo(options),
      definedAt: locationOfCall(slack),
    },
    {
      channel(this: Destination, channel: string): SlackChannel {
        return slackStream(this, channel, messageFields)
      },
      channels(this: Destination) {
        return slackStream(this, '@channel', channelsFields)
      },
      people(this: Destination) {
        return slackStream(this, '@person', peopleFields)
      },
      digest(this: Destination, digest: string) {
        return slackStream(this, `digest:${digest}`, lineFields)
      },
    },
  )
}

function slackStream<Fields extends FieldTypes>(
  destination: Destination,
  name: string,
  fields: Fields,
): SlackStream<Fields> {
  checkStreamName(destination, name)
  return Object.freeze({ kind: 'stream', destination, spec: streamSpec(name, fields, { modes: slackModes }) })
}

function digestConfigs(digests: Digests): Config[] | undefined {
  const configs = Object.entries(digests).map(([name, { maxRows, ...rest }]): Config => ({
    name,
    ...rest,
    max_rows: maxRows,
  }))
  return configs.length === 0 ? undefined : configs
}
