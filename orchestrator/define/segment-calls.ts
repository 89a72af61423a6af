import { checkArguments } from './check.ts'
import { streamSpec, type Destination, type Stream } from './destination.ts'
import { like, oneOf, optional } from './shape.ts'

const who = { anonymousId: 'text?', timestamp: 'timestamp?', context: 'json?', integrations: 'json?' } as const
const identifyFields = { userId: 'text', ...who, traits: 'json?' } as const
const trackFields = { userId: 'text?', event: 'text', ...who, properties: 'json?' } as const
const groupFields = { groupId: 'text', userId: 'text?', ...who, traits: 'json?' } as const

/** Traits of a user, one call for each row that is new or changed. Other fields of a mapping are traits. */
export type IdentifyCalls = Stream<typeof identifyFields, 'userId', true, 'upsert' | 'insert' | 'append'>
/** Events; once for each user, or in every run. Other fields of a mapping are properties. */
export type TrackCalls = Stream<typeof trackFields, never, true, 'insert' | 'append'>
/** Which group a user belongs to, and the group's traits, which are the other fields of a mapping. */
export type GroupCalls<Key extends 'userId' | 'groupId'> = Stream<
  typeof groupFields,
  Key,
  true,
  'upsert' | 'insert' | 'append'
>

/** The calls of Segment's specification, of whoever takes them. */
export interface SegmentCalls {
  identify(): IdentifyCalls
  track(): TrackCalls
  /** A row is a user's membership; `key: 'groupId'` where a row is a group, which needs an `anonymousId` then. */
  group<Key extends 'userId' | 'groupId' = 'userId'>(options?: { readonly key?: Key }): GroupCalls<Key>
}

export const segmentCalls: SegmentCalls & ThisType<Destination> = {
  identify(this: Destination): IdentifyCalls {
    const spec = streamSpec('identify', identifyFields, {
      key: 'userId',
      open: true,
      modes: ['upsert', 'insert', 'append'],
    })
    return Object.freeze({ kind: 'stream', destination: this, spec })
  },
  track(this: Destination): TrackCalls {
    const spec = streamSpec('track', trackFields, { open: true, modes: ['insert', 'append'] })
    return Object.freeze({ kind: 'stream', destination: this, spec })
  },
  group<Key extends 'userId' | 'groupId' = 'userId'>(
    this: Destination,
    options: { readonly key?: Key } = {},
  ): GroupCalls<Key> {
    const key = like(optional(oneOf(['userId', 'groupId'])), "key: 'groupId'")
    checkArguments(`group of destination ${this.name}`, { key }, options)
    const fields = options.key === 'groupId' ? groupFields : { ...groupFields, userId: 'text' as const }
    const spec = streamSpec('group', fields, {
      ...{ key: options.key ?? 'userId', open: true, modes: ['upsert', 'insert', 'append'] },
    })
    return Object.freeze({ kind: 'stream', destination: this, spec })
  },
}
