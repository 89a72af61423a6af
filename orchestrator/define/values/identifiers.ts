import { adIdentifierForm, adIdentifiers, type AdIdentifierKind, type AdPlatform } from '../../contract/index.ts'
import { checkArguments, InvalidCall } from '../check.ts'
import type { IdentifiesUsers } from '../entity.ts'
import type { EntityOf, FilledBy, FillsOf, MapValue } from '../map-value.ts'
import { either, like, object, oneOf, optional, shape } from '../shape.ts'
import { asValue } from './constant.ts'
import { mapValue } from './shapes.ts'

export interface AdIdentifier<Entity extends string = string, Fills = unknown> extends MapValue<Entity, Fills> {
  readonly kind: 'identifier'
  readonly value: MapValue
  readonly as: AdIdentifierKind
  readonly for: AdPlatform
  readonly country: MapValue | null
  readonly invalid: 'reject' | 'null'
}

/** The identifiers that a platform takes in this form. */
export type KindsOf<Platform extends AdPlatform, Form extends 'hashed' | 'plain'> = {
  [Kind in keyof (typeof adIdentifiers)[Platform]]: (typeof adIdentifiers)[Platform][Kind] extends Form ? Kind : never
}[keyof (typeof adIdentifiers)[Platform]]

export interface AdIdentifierOptions<Platform extends AdPlatform, Kind> {
  /** What the value is. */
  readonly as: Kind
  /** The platform whose rules it is written by. */
  readonly for: Platform
  /** ISO 3166-1 alpha-2, or a value that holds it: of phone numbers without a country code, regions and postal codes. */
  readonly country?: string | MapValue
  /** A row whose value is no such identifier is rejected; with `null` it is sent without it. */
  readonly invalid?: 'reject' | 'null'
}

type Still<Value, Fills> = FillsOf<Value> extends IdentifiesUsers ? Fills & IdentifiesUsers : Fills
type Result<Value> = AdIdentifier<EntityOf<Value>, Still<Value, FilledBy<'text'>>>

const kinds = [...new Set(Object.values(adIdentifiers).flatMap((of) => Object.keys(of)))]
const countryCode = shape('a country’s two letters', (value) => typeof value === 'string' && /^[a-z]{2}$/i.test(value))

const argumentShapes = {
  value: mapValue,
  options: like(
    object({
      as: oneOf(kinds),
      for: oneOf(Object.keys(adIdentifiers)),
      country: optional(like(either(mapValue, countryCode), "country: 'DE'")),
      invalid: optional(oneOf(['reject', 'null'])),
    }),
    "{ as: 'email', for: 'google' }",
  ),
}

/**
 * The SHA-256 of a value that identifies someone, in lower-case hexadecimal, after the advertising platform's own rules
 * of writing: of an e-mail address for Google the dots of a Gmail name are dropped, a phone number becomes E.164, and
 * so on. A value that is 64 hexadecimal digits already is passed on, and its row says so. Null and blank stay null.
 *
 * ```ts
 * map: {
 *   email: hashed(customers.column('email'), { as: 'email', for: 'meta' }),
 *   phone: hashed(customers.column('phone'), { as: 'phone', for: 'meta', country: 'US' }),
 * }
 * ```
 */
export function hashed<Value extends MapValue, const Platform extends AdPlatform>(
  value: Value,
  options: AdIdentifierOptions<Platform, KindsOf<NoInfer<Platform>, 'hashed'>>,
): Result<Value> {
  return identifier('hashed', value, options)
}

/**
 * A value that identifies someone, by the platform's rules of writing, for the fields that it wants as they are.
 *
 * ```ts
 * map: { region_code: normalized(customers.column('country'), { as: 'country', for: 'google' }) }
 * ```
 */
export function normalized<Value extends MapValue, const Platform extends AdPlatform>(
  value: Value,
  options: AdIdentifierOptions<Platform, KindsOf<NoInfer<Platform>, 'plain'>>,
): Result<Value> {
  return identifier('plain', value, options)
}

function identifier<Value extends MapValue>(
  form: 'hashed' | 'plain',
  value: Value,
  options: AdIdentifierOptions<AdPlatform, unknown>,
): Result<Value> {
  const name = form === 'hashed' ? 'hashed' : 'normalized'
  checkArguments(name, argumentShapes, { value, options })
  const as = options.as as AdIdentifierKind
  const taken = adIdentifierForm(options.for, as)
  if (taken !== form) throw wrongForm(name, options.for, as, taken)
  return Object.freeze({
    kind: 'identifier',
    valueType: 'text',
    value,
    as,
    for: options.for,
    country: options.country === undefined ? null : asValue(options.country),
    invalid: options.invalid ?? 'reject',
  })
}

function wrongForm(
  name: string,
  platform: AdPlatform,
  kind: AdIdentifierKind,
  taken: 'hashed' | 'plain' | null,
): InvalidCall {
  const takes = Object.keys(adIdentifiers[platform]).join(', ')
  const [reason, fix] =
    taken === null
      ? [`${platform} takes no ${kind}`, `It takes ${takes}`]
      : taken === 'plain'
        ? [`${platform} takes a ${kind} as it is`, 'Use normalized']
        : [`${platform} takes a ${kind} hashed`, 'Use hashed']
  return new InvalidCall([{ name, reason: `its argument options.as is of no use: ${reason}`, fix }])
}
