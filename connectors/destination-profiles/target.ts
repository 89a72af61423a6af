import { configError, objectOf, operationOf, type ConfiguredAirbyteStream } from '../kit/index.ts'

/** What the rows of a stream do to profiles. */
export interface Target {
  /** Such as `users`. */
  readonly collection: string
  /** Whose fields the rows are: a profile is made of parts, and each is written by one sync. */
  readonly part: string
  /** The trait that says that somebody is in an audience; null if the rows bring traits of their own. */
  readonly audience: string | null
  readonly effect: 'set' | 'take'
  /** The field that identifies a profile. */
  readonly key: string
}

const effects: Readonly<Record<string, Target['effect'] | undefined>> = {
  upsert: 'set',
  add: 'set',
  delete: 'take',
  remove: 'take',
}

/** `users.scores` is the part `scores` of users' profiles, `users#at_risk` an audience of users. */
export function targetOf(stream: ConfiguredAirbyteStream): Target {
  const { name } = stream.stream
  const match = /^([\w-]+)([.#])([\w-]+)$/.exec(objectOf(stream))
  if (match === null) {
    throw configError(
      `Stream ${name}: its object should be a collection and a part of it, users.scores, or an audience, users#at_risk.`,
    )
  }
  const [, collection = '', kind, part = ''] = match
  const operation = operationOf(stream)
  const effect = effects[operation]
  if (effect === undefined) {
    throw configError(`Stream ${name}: profiles have no ${operation}. Use upsert, mirror or membership.`)
  }
  const [key, ...more] = stream.primary_key ?? []
  if (key?.length !== 1 || more.length > 0) {
    throw configError(`Stream ${name}: its primary_key should be one field, that of the profiles’ id.`)
  }
  const audience = kind === '#' ? part : null
  return { collection, part: audience === null ? part : `#${part}`, audience, effect, key: key[0] as string }
}
