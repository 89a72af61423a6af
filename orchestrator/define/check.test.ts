import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isTraitlineError, TraitlineError } from '../contract/index.ts'
import { compileProject } from '../project/index.ts'
import { validCalls, type ValidCall } from './calls.fixture.ts'
import { isDefinition, type Definition } from './definition.ts'
import * as api from './index.ts'

const noDbt = () =>
  Promise.reject(new TraitlineError({ code: 'NO_DBT', message: 'no dbt here', hint: 'None.', blame: 'user' }))

const dir = import.meta.dirname

/** What was said of a call, by its definition or when it was compiled; null if it is all right. */
async function refusal(valid: ValidCall, values: Readonly<Record<string, unknown>>): Promise<TraitlineError | null> {
  try {
    const made = valid.call(values)
    if (valid.members === undefined) return null
    const assets = valid.members(made as Definition) as Parameters<typeof api.project>[1]['assets']
    const definitions = valid.export === 'project' ? (made as api.Project) : api.project('p', { assets })
    await compileProject({ dir, definitions, dbt: noDbt })
    return null
  } catch (error) {
    if (isTraitlineError(error)) return error
    throw error
  }
}

function said(error: TraitlineError | null): string {
  return `${error?.message ?? 'nothing'}\n${error?.hint ?? ''}`
}

const secret = 'hush-4711'
const cyclic: Record<string, unknown> = {}
cyclic['self'] = cyclic
const wrongValues: readonly unknown[] = [
  7,
  Number.NaN,
  null,
  {},
  [],
  [null],
  { a: null },
  { a: { type: 'nope' } },
  { kind: 'sql' },
  { kind: 'column', table: null },
  cyclic,
  true,
  10n,
  Symbol('s'),
  () => 1,
  new Date(0),
  new Map(),
  secret,
  [secret],
]

test('each function of the API has its valid call here', () => {
  const names = Object.entries(api).flatMap(([name, value]) =>
    name === 'trait' || typeof value === 'function' ? name : [],
  )
  expect([...new Set(validCalls.map((valid) => valid.export))].sort()).toEqual(names.sort())
  expect(validCalls.filter(({ label }) => label === 'trait/it')).toHaveLength(Object.keys(api.trait).length)
})

test.each(validCalls.map((valid) => [valid.label, valid] as const))('%s: a valid call is accepted', (_, valid) => {
  expect(() => valid.call(valid.required)).not.toThrow()
  const made = valid.call({ ...valid.required, ...valid.optional })
  expect(valid.members === undefined || isDefinition(made)).toBe(true)
})

const required = validCalls.flatMap((valid) =>
  Object.keys(valid.required).map((option) => [valid.label, option, valid] as const),
)

const noun = (valid: ValidCall): string => (valid.members === undefined ? 'argument' : 'option')

test.each(required)('%s without %s is told so, and how it is written', (label, option, valid) => {
  const { [option]: _, ...values } = valid.required
  expect(() => valid.call(values)).toThrow(
    expect.objectContaining({
      code: 'PROJECT_INVALID',
      blame: 'user',
      message: `${label}: its ${noun(valid)} ${option} is missing`,
      hint: expect.stringMatching(/^(?:Write it like|Give it) \S/) as string,
    }),
  )
})

const every = validCalls.flatMap((valid) =>
  Object.keys({ ...valid.required, ...valid.optional }).map((option) => [valid.label, option, valid] as const),
)

test.each(every)('%s with a wrong %s is a problem of the project, and tells no value', async (label, option, valid) => {
  let refused = 0
  for (const value of wrongValues) {
    const error = await refusal(valid, { ...valid.required, ...valid.optional, [option]: value })
    if (error === null) continue
    refused++
    expect(error).toMatchObject({ code: 'PROJECT_INVALID', blame: 'user' })
    if (!error.message.startsWith(label)) continue
    expect(error.message.split('\n')[0]).toContain(` ${option}`)
    expect(said(error)).not.toContain(secret)
    expect(said(error)).not.toMatch(/undefined|\[object|NaN/)
  }
  expect(refused).toBeGreaterThan(0)
})

const definers = validCalls.filter(({ members }) => members !== undefined)

test.each(definers.map((valid) => [valid.label, valid] as const))('%s: a misspelt option is named', (label, valid) => {
  for (const option of Object.keys(valid.required)) {
    const { [option]: value, ...others } = valid.required
    const misspelt = `${option.slice(0, -2)}${option.at(-1)}${option.at(-2)}`
    expect(() => valid.call({ ...others, [misspelt]: value })).toThrow(
      expect.objectContaining({ message: `${label}: unknown option ${misspelt}`, hint: `Did you mean ${option}?` }),
    )
  }
  expect(() => valid.call({ ...valid.required, constructor: 1 })).toThrow(
    expect.objectContaining({
      message: `${label}: unknown option constructor`,
      hint: expect.stringMatching(/^It takes \w+/) as string,
    }),
  )
})

const wrong = (value: unknown): never => value as never
const people = api.source('people', { table: 'raw.people', columns: { id: 'text', ok: 'boolean' } })
const person = api.entity('person', { key: 'id', population: people })
const ok = api.trait.boolean('ok', { of: person, from: people.column('ok') })
const best = api.audience('best', { of: person, where: ok.isTrue() })
const crm = api.postgres('crm', { url: 'x', tables: { people: { key: 'id', columns: { id: 'text' } } } })
const columns = { id: 'text' } as const

const mistakes: readonly [string, () => unknown][] = [
  ['source/it: its argument options is missing', () => api.source('it', wrong(undefined))],
  ['source/it: its argument options is a text, not an object with ', () => api.source('it', wrong('raw.it'))],
  ['source: its name is an object, not a text', () => api.source(wrong({}), { table: 'raw.it', columns })],
  ['source/it: its option columns is a list, not an object of col', () => source({ columns: ['id'] })],
  ['source/it: its option columns.id is a text, not one of text, ', () => source({ columns: { id: 'txet' } })],
  ['source/it: unknown option columns.id.typ', () => source({ columns: { id: { typ: 'text' } } })],
  [
    'source/it: its option columns.id.pii is a number, not true or',
    () => source({ columns: { id: { type: 'text', pii: 1 } } }),
  ],
  ['source/it: its option owners[1] is null, not a text', () => source({ columns, owners: ['me', null] })],
  ['source/it: its option load is a text, not files as csv(...)', () => source({ columns, load: 'a.csv' })],
  ['csv: unknown option options.delimeter', () => api.csv('a.csv', wrong({ delimeter: ';' }))],
  ['trait/it: its option of is a source, not an entity', () => boolean({ of: people })],
  ['trait/it: its option from is a source, not a column or SQL', () => boolean({ from: people })],
  ['trait/it: its option from is missing', () => boolean({ from: undefined })],
  [
    'audience/it: its option where is an audience, not a condition',
    () => api.audience('it', { of: person, where: wrong(best) }),
  ],
  ['not: its argument condition is a trait, not a condition', () => api.not(wrong(ok))],
  ['sql: its argument tables[0] is a text, not a source or a model', () => api.sql`select ${wrong('1')}`],
  ['sql: its argument tables[1] is missing', () => api.sql`select ${people} ${wrong(undefined)}`],
  ['sync/it: its option to is a destination, not a stream', () => sync({ to: crm })],
  ['sync/it: its option mode is a text, not one of upsert, ', () => sync({ mode: 'upsrt' })],
  ['sync/it: its option map.id is a source, not a value, an obje', () => sync({ map: { id: people } })],
  ['sync/it: its option map.id.of[0] is a number, not a value,', () => sync({ map: { id: { of: [1] } } })],
  [
    'hashed: its argument options.as is of no use: google takes a',
    () => api.hashed(ok, wrong({ as: 'country', for: 'google' })),
  ],
  [
    'normalized: its argument options.as is of no use: tiktok tak',
    () => api.normalized(ok, wrong({ as: 'city', for: 'tiktok' })),
  ],
  [
    'destination it: unknown option tables.people.colums',
    () => api.postgres('it', { url: 'x', tables: { people: wrong({ colums: {} }) } }),
  ],
  [
    'destination it: its option url is an object, not a text or env',
    () => api.postgres('it', { url: wrong(new URL('http://a')), tables: {} }),
  ],
  [
    'dbt it: its option vars.when is an object, not plain data',
    () => api.dbt('it', { path: 'dbt', vars: wrong({ when: new Date() }) }),
  ],
  [
    'project it: its option assets[1] is an entity, not a source or',
    () => api.project('it', { assets: [best, wrong(person)] }),
  ],
  ['project it: its option assets is missing', () => api.project('it', wrong({}))],
  ['the method column of source people: its argument name is a num', () => people.column(wrong(5))],
  [
    'the method model of dbt w: its argument name is null, not a te',
    () => api.dbt('w', { path: 'd' }).model(wrong(null)),
  ],
  ['a stream of destination crm: its argument name is an empty tex', () => crm.table(wrong(''))],
  ['a comparison with trait/ok: its argument value is an object, n', () => ok.is(wrong({}))],
  ['a comparison with trait/ok: its argument value is missing', () => ok.is(wrong(undefined))],
]

const source = (options: object) => api.source('it', wrong({ table: 'raw.it', ...options }))
const boolean = (options: object) =>
  api.trait.boolean('it', wrong({ of: person, from: people.column('ok'), ...options }))
const sync = (options: object) =>
  api.sync('it', wrong({ from: best, to: crm.table('people'), mode: 'insert', map: { id: person.key }, ...options }))

test.each(mistakes)('%s', (message, call) => {
  expect(call).toThrow(expect.objectContaining({ code: 'PROJECT_INVALID' }))
  expect(call).toThrow(message)
})

test('all that is wrong with a call is told at once, and near misses are proposed', () => {
  const load: unknown = api.csv('a.csv')
  expect(() =>
    api.source('it', wrong({ tabel: 'raw.it', columns: { id: 'txet', n: 'strin' }, load, owner: [] })),
  ).toThrow(
    expect.objectContaining({
      message: [
        'source/it: unknown option tabel',
        'source/it: unknown option owner',
        'source/it: its option columns.id is a text, not one of text, integer, number, boolean, timestamp, date, json',
        'source/it: its option columns.n is a text, not one of text, integer, number, boolean, timestamp, date, json',
      ].join('\n'),
      hint: expect.stringMatching(/^Did you mean table\? Did you mean owners\? Did you mean text\? /) as string,
    }),
  )
})

test('optional options and fields may be there without a value', () => {
  expect(source({ columns, load: undefined, owners: undefined })).toMatchObject({ load: null, owners: [] })
  expect(sync({ map: { id: person.key, note: undefined } })).toMatchObject({ map: { id: person.key } })
})

test('whatever an option is given, it is accepted or refused as a problem of the project', async () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    maxDepth: 3,
  })
  const place = fc.constantFrom(...every)
  await fc.assert(
    fc.asyncProperty(place, anything, fc.boolean(), async ([, option, valid], value, nested) => {
      const given = nested ? { [option]: value, it: [value], people: value } : value
      const error = await refusal(valid, { ...valid.required, [option]: given })
      if (error !== null) expect(error).toMatchObject({ code: 'PROJECT_INVALID', blame: 'user' })
    }),
    { numRuns: 1_000 },
  )
})
