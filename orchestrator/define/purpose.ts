import { checkArguments } from './check.ts'
import { definitionOf } from './definition.ts'
import { either, like, listOf, made, object, shape, someText, type Shapes } from './shape.ts'
import type { BooleanTrait } from './trait.ts'

/** What people's data is used for at a destination, and the traits that say who consents to it. */
export interface Purpose {
  readonly kind: 'purpose'
  readonly name: string
  /** One for each entity whose users are sent. */
  readonly consent: readonly BooleanTrait[]
}

const booleanTrait = shape(
  'a boolean trait',
  (value) => definitionOf('trait').accepts(value) && (value as BooleanTrait).type.type === 'boolean',
)

const purposeOptions = object({
  consent: like(either(booleanTrait, listOf('boolean traits', booleanTrait)), 'consent: acceptsMarketing'),
} satisfies Shapes<Parameters<typeof purpose>[1]>)

/**
 * A purpose, which destinations name. A row goes to such a destination only while its user's consent is true: someone
 * who never gave it, or whose consent is not known, is left out; someone who withdraws it leaves what is desired, so
 * that the modes that take away what left (`mirror`, `members`) take them away.
 *
 * ```ts
 * const marketing = purpose('marketing', { consent: acceptsMarketing })
 * const team = slack('team', { token: env('SLACK_BOT_TOKEN'), purposes: [marketing] })
 * ```
 */
export function purpose(
  name: string,
  options: {
    /** True for who consents; a list where users of several entities are sent, a trait of each. */
    readonly consent: BooleanTrait | readonly BooleanTrait[]
  },
): Purpose {
  checkArguments('purpose', { name: someText, options: purposeOptions }, { name, options })
  const { consent: given } = options
  const consent = Array.isArray(given) ? (given as readonly BooleanTrait[]) : [given as BooleanTrait]
  return Object.freeze({ kind: 'purpose', name, consent: Object.freeze([...consent]) })
}

export const madePurpose = made('a purpose, as purpose() makes', 'purpose', { name: someText })
