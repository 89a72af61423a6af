import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  adIdentifierForm,
  adIdentifiers,
  columnTypes,
  type AdPlatform,
  type ColumnType,
  type FieldMapping,
  type JsonValue,
  type MappedValue,
} from '../../../orchestrator/contract/index.ts'
import { formOf, identifierKinds, platforms, sha256 } from '../../../connectors/identifiers/index.ts'
import { frozenColumn } from './references.ts'
import { compileMapping } from './render.ts'

const column = (name: string, of: ColumnType = 'text'): MappedValue => ({
  ...{ type: 'column', asset: 'source/people', column: name, of },
})
const constant = (value: JsonValue): MappedValue => ({ type: 'constant', value })

/** Renders one open row of columns of source/people. */
function render(mapping: readonly FieldMapping[], columns: Readonly<Record<string, JsonValue>>) {
  const compiled = compileMapping(
    {
      spec: { key: 'sync/ads', mapping },
      entity: { name: 'person', key: { column: 'id', type: 'text' }, population: null },
      stream: { name: 's', fields: [], key: [], open: true, modes: ['append'] },
    },
    { run: 'run-1', syncedAt: '2026-05-01T10:00:00.000Z' },
  )
  const row = Object.fromEntries(Object.entries(columns).map(([name, value]) => [`source/people.${name}`, value]))
  return compiled.row({ _ordinal: 1, _batch: 1, _operation: 'append', _key: 'p1', ...row })
}

const one = (value: MappedValue, columns: Readonly<Record<string, JsonValue>> = {}) => {
  const rendered = render([{ field: 'x', value }], columns)
  return 'data' in rendered ? rendered.data['x'] : rendered.rejected.code
}

test.each<readonly [ColumnType, JsonValue, JsonValue]>([
  ['text', 7, '7'],
  ['text', { a: [1] }, '{"a":[1]}'],
  ['integer', '7', 7],
  ['integer', 2.5, 3],
  ['integer', '-2.5', -3],
  ['integer', true, 1],
  ['integer', 'seven', 'CAST_FAILED'],
  ['number', '7.25', 7.25],
  ['number', 'x', 'CAST_FAILED'],
  ['boolean', ' Yes ', true],
  ['boolean', 0, false],
  ['boolean', 'perhaps', 'CAST_FAILED'],
  ['timestamp', '2026-05-01', '2026-05-01T00:00:00.000Z'],
  ['timestamp', '2026-05-01 10:00:00+02', '2026-05-01T08:00:00.000Z'],
  ['timestamp', 0, '1970-01-01T00:00:00.000Z'],
  ['timestamp', '1/5/2026', 'CAST_FAILED'],
  ['date', '2026-05-01T23:30:00-02:00', '2026-05-02'],
  ['date', '2026-05-01', '2026-05-01'],
  ['json', '{"a":1}', { a: 1 }],
  ['json', '{', 'CAST_FAILED'],
  ['json', [1], [1]],
])('cast to %s of %j is %j', (to, value, expected) => {
  expect(one({ type: 'cast', value: column('v'), to }, { v: value })).toEqual(expected)
})

test('null stays null, whatever it is cast to', () => {
  for (const to of columnTypes) expect(one({ type: 'cast', value: column('v'), to }, { v: null })).toBeNull()
})

test('casting twice is casting once', () => {
  fc.assert(
    fc.property(fc.constantFrom(...columnTypes), fc.jsonValue(), (to, value) => {
      const cast: MappedValue = { type: 'cast', value: column('v'), to }
      const once = one(cast, { v: value as JsonValue })
      if (once === 'CAST_FAILED' || to === 'json') return
      expect(one({ type: 'cast', value: cast, to }, { v: value as JsonValue })).toEqual(once)
    }),
  )
})

describe('identifiers', () => {
  const email = (invalid: 'reject' | 'null' = 'reject'): MappedValue => ({
    ...{ type: 'identifier', value: column('email'), as: 'email', for: 'google', invalid },
  })

  test('the contract and the rules name the same', () => {
    expect(Object.keys(adIdentifiers).sort()).toEqual([...platforms].sort())
    for (const platform of platforms) {
      for (const kind of identifierKinds) {
        expect([platform, kind, adIdentifierForm(platform as AdPlatform, kind)]).toEqual([
          platform,
          kind,
          formOf(platform, kind),
        ])
      }
    }
  })

  test('are normalised and hashed; blank is none, and one that cannot be rejects its row or is left out', () => {
    expect(one(email(), { email: ' A.B+c@gmail.com' })).toBe(sha256('ab@gmail.com'))
    expect(one(email(), { email: '  ' })).toBeNull()
    expect(one(email(), { email: null })).toBeNull()
    expect(one(email(), { email: 'nobody' })).toBe('IDENTIFIER_INVALID')
    expect(one(email('null'), { email: 'nobody' })).toBeNull()
  })

  test('what is hashed already passes, and its row says so', () => {
    const digest = sha256('ab@gmail.com')
    expect(render([{ field: 'em', value: email() }], { email: digest.toUpperCase() })).toEqual({
      data: { em: digest },
      notes: [{ field: 'em', code: 'ALREADY_HASHED' }],
    })
  })

  test('a phone number is of the country that its row says', () => {
    const phone: MappedValue = {
      ...{ type: 'identifier', value: column('phone', 'integer'), as: 'phone', for: 'meta', invalid: 'null' },
      country: column('country'),
    }
    expect(one(phone, { phone: 6505551212, country: 'US' })).toBe(sha256('16505551212'))
    expect(one(phone, { phone: 6505551212, country: null })).toBeNull()
  })

  test('a reason names the field and never the value', () => {
    const rendered = render([{ field: 'em', value: email() }], { email: 'secret-nobody' })
    expect(rendered).toEqual({
      rejected: {
        code: 'IDENTIFIER_INVALID',
        message: 'the value of the field em is no email that google could match',
      },
    })
  })
})

test('coalesce takes the first that is there, and choice what stands beside the value', () => {
  const nickname: MappedValue = { type: 'coalesce', values: [column('nick'), column('name'), constant('friend')] }
  expect(one(nickname, { nick: null, name: 'Ada' })).toBe('Ada')
  expect(one(nickname, {})).toBe('friend')
  const plan: MappedValue = {
    ...{ type: 'choice', value: column('tier'), cases: { vip: constant('gold'), 7: column('name') } },
    otherwise: constant(null),
  }
  expect(one(plan, { tier: 'vip' })).toBe('gold')
  expect(one(plan, { tier: 7, name: 'Ada' })).toBe('Ada')
  expect(one(plan, { tier: 'constructor' })).toBeNull()
  expect(one(plan, { tier: null })).toBeNull()
})

test('objects and lists nest, and the run keeps its books', () => {
  const address: MappedValue = {
    type: 'object',
    fields: { city: column('city'), lines: { type: 'list', items: [column('street'), column('none')] } },
  }
  const books = (what: 'synced_at' | 'run' | 'sync'): MappedValue => ({ type: 'bookkeeping', what })
  expect(
    render(
      [
        { field: 'address', value: address },
        { field: 'tags', value: column('tags', 'json') },
        { field: 'since', value: column('since', 'timestamp') },
        { field: 'at', value: books('synced_at') },
        { field: 'run', value: books('run') },
        { field: 'by', value: books('sync') },
      ],
      { city: 'Paris', street: 'Rue X', tags: ['a'], since: '2024-01-02 03:04:05+00' },
    ),
  ).toEqual({
    data: {
      address: { city: 'Paris', lines: ['Rue X', null] },
      tags: ['a'],
      since: '2024-01-02T03:04:05.000Z',
      at: '2026-05-01T10:00:00.000Z',
      run: 'run-1',
      by: 'ads',
    },
  })
})

test('a field that ignores nulls is left out, and what of a nested value is null too', () => {
  const address: MappedValue = { type: 'object', fields: { city: column('city'), zip: column('zip') } }
  const mapping: readonly FieldMapping[] = [
    { field: 'email', value: column('email'), ignoreNull: true },
    { field: 'name', value: column('name') },
    { field: 'address', value: address, ignoreNull: true },
  ]
  expect(render(mapping, { city: 'Paris' })).toEqual({ data: { name: null, address: { city: 'Paris' } } })
  expect(render(mapping, { email: 'a' })).toEqual({ data: { email: 'a', name: null } })
})

test('names of frozen columns fit the engines and stay apart', () => {
  const long = (name: string) =>
    frozenColumn({ type: 'column', asset: 'model/shop/a_table_with_a_rather_long_name', column: name, of: 'text' })
  expect(frozenColumn({ type: 'column', asset: 'model/shop/people', column: 'email', of: 'text' })).toBe(
    'model/shop/people.email',
  )
  expect(Buffer.byteLength(long('a_column_with_a_rather_long_name_1'))).toBeLessThanOrEqual(63)
  expect(long('a_column_with_a_rather_long_name_1')).not.toBe(long('a_column_with_a_rather_long_name_2'))
})
