import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formOf, identifierKinds, identify, normalise, platforms, sha256, type IdentifierKind } from './index.ts'
import type { Hints, Platform } from './index.ts'

/** Examples of the vendors' own documentation: value, what it is normalised to and, where it says so, the hash. */
type Example = readonly [Platform, IdentifierKind, string, Hints, string, string | null]

const documented: readonly Example[] = [
  ['google', 'email', 'cloudy.sanfrancisco+shopping@gmail.com', {}, 'cloudysanfrancisco@gmail.com', null],
  ['google', 'email', 'user.name+NYC@Example.com', {}, 'user.name+nyc@example.com', null],
  ['google', 'phone', '(800)555-0100', { country: 'US' }, '+18005550100', null],
  ['google', 'phone', '1(800)888-8888', { country: 'US' }, '+18008888888', null],
  ['google', 'phone', '+44 20 7031 3000', {}, '+442070313000', null],
  ['google', 'first_name', 'Mrs. Joanna', {}, 'joanna', null],
  ['google', 'last_name', 'Smith, Jr.', {}, 'smith', null],
  ['google', 'country', 'us', {}, 'US', null],
  [
    'meta',
    'email',
    ' John_Smith@gmail.com ',
    {},
    'john_smith@gmail.com',
    '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f',
  ],
  [
    'meta',
    'phone',
    '(650)555-1212',
    { country: 'US' },
    '16505551212',
    'e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176',
  ],
  ['meta', 'first_name', 'Mary', {}, 'mary', '6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec'],
  ['meta', 'first_name', '정', {}, '정', '8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14'],
  ['meta', 'first_name', 'Valéry', {}, 'valéry', '08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c'],
  [
    'meta',
    'birth_date',
    '2/16/1997',
    {},
    '19970216',
    '01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c',
  ],
  ['meta', 'gender', 'Female', {}, 'f', null],
  ['meta', 'city', 'New York', {}, 'newyork', null],
  ['meta', 'region', 'Arizona', { country: 'US' }, 'az', null],
  ['meta', 'postal_code', '94035-1234', { country: 'US' }, '94035', null],
  ['meta', 'postal_code', 'M1 1AE', { country: 'GB' }, 'm11ae', null],
  ['meta', 'country', 'US', {}, 'us', null],
  [
    'snapchat',
    'email',
    'Person@Example.com',
    {},
    'person@example.com',
    '542d240129883c019e106e3b1b2d3f3cb3537c43c425364de8e951d5a3083345',
  ],
  ['snapchat', 'phone', '+44 844 412 4653', {}, '448444124653', null],
  ['tiktok', 'phone', '(657)777-0000', { country: 'US' }, '+16577770000', null],
  ['tiktok', 'phone', '+374-93-828222', {}, '+37493828222', null],
]

test.each(documented)('%s writes the %s %s as documented', (platform, kind, value, hints, normal, digest) => {
  expect(normalise(platform, kind, value, hints)).toBe(normal)
  if (digest !== null) expect(sha256(normal)).toBe(digest)
  const expected =
    formOf(platform, kind) === 'hashed' ? { value: sha256(normal), form: 'hashed' } : { value: normal, form: 'plain' }
  expect(identify(platform, kind, value, hints)).toEqual(expected)
})

test.each<readonly [Platform, IdentifierKind, string, Hints]>([
  ['google', 'email', 'nobody', {}],
  ['google', 'email', '+tag@gmail.com', {}],
  ['meta', 'email', 'two@at@example.com', {}],
  ['meta', 'phone', '0301234567', {}],
  ['meta', 'phone', '12', { country: 'US' }],
  ['meta', 'birth_date', '4/3/1997', {}],
  ['meta', 'birth_date', '1997-02-30', {}],
  ['meta', 'country', 'Germany', {}],
  ['google', 'first_name', '...', {}],
  ['google', 'gender', 'f', {}],
  ['tiktok', 'city', 'Berlin', {}],
])('%s takes no %s %s', (platform, kind, value, hints) => {
  expect(identify(platform, kind, value, hints)).toBeNull()
})

test('regions and postal codes of other countries are left as they are named there', () => {
  expect(normalise('meta', 'region', 'Georgia', { country: 'GE' })).toBe('georgia')
  expect(normalise('meta', 'postal_code', '10115', { country: 'DE' })).toBe('10115')
  expect(normalise('meta', 'region', 'Île-de-France', { country: 'FR' })).toBe('îledefrance')
})

test('a decomposed accent is the same letter', () => {
  expect(identify('meta', 'last_name', 'Pe\u0301rez')).toEqual(identify('meta', 'last_name', 'P\u00e9rez'))
})

const anyPlatform = fc.constantFrom(...platforms)
const anyKind = fc.constantFrom(...identifierKinds)
const anyHints = fc.record({ country: fc.option(fc.constantFrom('US', 'DE', 'GB', 'xx'), { nil: undefined }) })
const plausible = fc.oneof(
  fc.string(),
  fc.emailAddress(),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.integer({ min: 1_000_000, max: 99_999_999 }).map((digits) => `+49 30 ${digits}`),
)

describe('whatever the value', () => {
  test('normalising twice changes nothing more', () => {
    fc.assert(
      fc.property(anyPlatform, anyKind, plausible, anyHints, (platform, kind, value, hints) => {
        const once = normalise(platform, kind, value, hints)
        if (once === null || (kind.startsWith('birth_') && kind !== 'birth_date')) return
        // Digits without `+` cannot be told from another country's.
        if (kind === 'phone' && !once.startsWith('+')) return
        expect(normalise(platform, kind, once, hints)).toBe(once)
      }),
    )
  })

  test('spaces around it and the case of an address do not matter', () => {
    fc.assert(
      fc.property(anyPlatform, fc.emailAddress(), (platform, email) => {
        expect(identify(platform, 'email', `  ${email.toUpperCase()}\n`)).toEqual(identify(platform, 'email', email))
      }),
    )
  })

  test('a hash is 64 lower-case digits, and a hash stays what it is and says so', () => {
    fc.assert(
      fc.property(anyPlatform, anyKind, plausible, anyHints, (platform, kind, value, hints) => {
        const found = identify(platform, kind, value, hints)
        if (found?.form !== 'hashed') return
        expect(found.value).toMatch(/^[0-9a-f]{64}$/)
        const again = identify(platform, kind, found.value.toUpperCase(), hints)
        expect(again).toEqual({ value: found.value, form: 'already_hashed' })
      }),
    )
  })

  test('a phone number is E.164', () => {
    fc.assert(
      fc.property(plausible, anyHints, (value, hints) => {
        const number = normalise('google', 'phone', value, hints)
        if (number !== null) expect(number).toMatch(/^\+[1-9]\d{4,16}$/)
      }),
    )
  })
})
