import { nearest } from '../graph/index.ts'

/** What is wrong with one value, or with a part of it. */
export interface Fault {
  /** Where it is: `columns.id.type`, `traits[2]`; empty for the whole. */
  readonly path: string
  /** `is missing`, `is a number, not a text`; null for what nothing asks for. */
  readonly is: string | null
  readonly fix: string
}

/**
 * What a value has to be when the project runs. The compiler says the same to those who write TypeScript; a project in
 * JavaScript, or one that casts, is told here.
 */
export interface Shape<Optional extends boolean = boolean> {
  /** In words: `a text`. */
  readonly expected: string
  /** Whether it may be left out. */
  readonly optional: Optional
  /** How it is written: `table: 'raw.purchases'`. */
  readonly example?: string
  /** What else may be the reason if it is missing, in the words of a fix. */
  readonly whenMissing?: string
  accepts(value: unknown): boolean
  /** What is wrong within a value that is accepted as a whole. */
  within(value: unknown, path: string): readonly Fault[]
  /** What the value may have been meant to be. */
  near?(value: unknown): readonly string[]
}

/** One shape for each option, optional where the option is. */
export type Shapes<Options> = {
  readonly [Name in keyof Options]-?: Shape<undefined extends Options[Name] ? true : false>
}

export function shape(expected: string, accepts: Shape['accepts'], within: Shape['within'] = () => []): Shape<false> {
  return { expected, optional: false, accepts, within }
}

export function optional(of: Shape): Shape<true> {
  return { ...of, optional: true }
}

/** The same, with an example for the error. */
export function like<Optional extends boolean>(of: Shape<Optional>, example: string): Shape<Optional> {
  return { ...of, example }
}

export const text = shape('a text', (value) => typeof value === 'string')
export const someText = shape('a text that is not empty', (value) => typeof value === 'string' && value !== '')
export const number = shape('a finite number', Number.isFinite)
export const flag = shape('true or false', (value) => typeof value === 'boolean')
export const literal = shape(
  'a text, a finite number, true or false',
  (value) => text.accepts(value) || number.accepts(value) || flag.accepts(value),
)
export const positive = shape('a number above 0', (value) => Number.isFinite(value) && (value as number) > 0)

/** Both ends included. */
export function between(from: number, to: number): Shape<false> {
  return shape(`a number from ${from} to ${to}`, (value) => isBetween(value, from, to))
}

export function whole(from: number, to: number): Shape<false> {
  return shape(`a whole number from ${from} to ${to}`, (value) => Number.isInteger(value) && isBetween(value, from, to))
}

function isBetween(value: unknown, from: number, to: number): boolean {
  return typeof value === 'number' && value >= from && value <= to
}

/** Any object literal, whatever is in it. */
export const plainObject = shape('an object', isPlainObject)

export function oneOf(values: readonly string[]): Shape<false> {
  return {
    ...shape(`one of ${values.join(', ')}`, (value) => values.includes(value as string)),
    near: (value) => (typeof value === 'string' ? nearest(value, values) : []),
  }
}

/** `things` are the items in words: `texts`. */
export function listOf(things: string, item: Shape): Shape<false> {
  return shape(`a list of ${things}`, Array.isArray, (value, path) =>
    [...(value as readonly unknown[])].flatMap((part, index) => faultsOf(item, part, `${path}[${index}]`)),
  )
}

/** An object with names of the user's own. `things` are its values in words: `columns`. */
export function recordOf(things: string, item: Shape): Shape<false> {
  return shape(`an object of ${things}`, isPlainObject, (value, path) =>
    Object.entries(value as object).flatMap(([name, part]) => faultsOf(item, part, memberPath(path, name))),
  )
}

/** An object with these members and no others. */
export function object(members: Readonly<Record<string, Shape>>): Shape<false> {
  return shape(`an object with ${Object.keys(members).join(', ')}`, isPlainObject, (value, path) => {
    const given = value as Readonly<Record<string, unknown>>
    const absent = Object.keys(members).filter((name) => given[name] === undefined)
    const needed = absent.filter((name) => members[name]?.optional === false)
    const unknown = Object.keys(given)
      .filter((name) => !Object.hasOwn(members, name))
      .map((name) => ({ name, near: nearest(name, needed)[0] ?? nearest(name, absent)[0] }))
    const misspelt = new Set(unknown.map(({ near }) => near))
    return [
      ...unknown.map(({ name, near }) => ({
        path: memberPath(path, name),
        is: null,
        fix: near !== undefined ? `Did you mean ${near}?` : `It takes ${Object.keys(members).join(', ')}`,
      })),
      ...Object.entries(members)
        .filter(([name]) => !misspelt.has(name))
        .flatMap(([name, member]) => faultsOf(member, given[name], memberPath(path, name))),
    ]
  })
}

/** The first of the shapes that accepts a value says what is wrong within it. */
export function either(...shapes: readonly [Shape, ...Shape[]]): Shape<false> {
  const taker = (value: unknown): Shape | undefined => shapes.find((one) => one.accepts(value))
  return {
    ...shape(
      shapes.map(({ expected }) => expected).join(' or '),
      (value) => taker(value) !== undefined,
      (value, path) => taker(value)?.within(value, path) ?? [],
    ),
    near: (value) => shapes.flatMap((one) => one.near?.(value) ?? []),
  }
}

/** What another function of the API made, known by its `kind`. */
export function made(expected: string, kind: string, members: Readonly<Record<string, Shape>>): Shape<false> {
  return shape(expected, (value) => {
    if (!isPlainObject(value) || value['kind'] !== kind) return false
    return Object.entries(members).every(([name, member]) => faultsOf(member, value[name], name).length === 0)
  })
}

/** Plain data. Members without a value are as if they were not there; what holds itself is none. */
function jsonWithin(holders: readonly unknown[]): Shape<false> {
  const inner = (value: unknown): Shape => jsonWithin([...holders, value])
  const accepts = (value: unknown): boolean =>
    value === null ||
    ['string', 'boolean'].includes(typeof value) ||
    Number.isFinite(value) ||
    ((Array.isArray(value) || isPlainObject(value)) && !holders.includes(value))
  return shape('plain data, as JSON has it', accepts, (value, path) => {
    if (Array.isArray(value)) return listOf('values', inner(value)).within(value, path)
    return isPlainObject(value) ? recordOf('values', optional(inner(value))).within(value, path) : []
  })
}

export const json = jsonWithin([])
export const jsonObject = shape('an object of plain data, as JSON has it', isPlainObject, (value, path) =>
  json.within(value, path),
)

export function faultsOf(asked: Shape, value: unknown, path: string): readonly Fault[] {
  if (value === undefined && asked.optional) return []
  if (value !== undefined && asked.accepts(value)) return asked.within(value, path)
  const is = value === undefined ? 'is missing' : `is ${typeInWords(value)}, not ${asked.expected}`
  return [{ path, is, fix: fixOf(asked, value) }]
}

function fixOf({ near, example, expected, whenMissing }: Shape, value: unknown): string {
  const meant = near?.(value) ?? []
  if (meant.length > 0) return `Did you mean ${meant.join(' or ')}?`
  const fix = example === undefined ? `Give it ${expected}` : `Write it like ${example}`
  return value === undefined && whenMissing !== undefined ? `${fix}. ${whenMissing}` : fix
}

function memberPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** Of an object literal, in whatever realm: neither a list, nor a definition, nor an instance of a class. */
function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const kindsInWords: Readonly<Record<string, string>> = {
  entity: 'an entity',
  source: 'a source',
  dbt: 'a dbt project',
  model: 'a model',
  notebook: 'a notebook',
  trait: 'a trait',
  user_model: 'a user model',
  audience: 'an audience',
  destination: 'a destination',
  sync: 'a sync',
  resource: 'a resource',
  project: 'a project',
  column: 'a column',
  sql: 'SQL',
  condition: 'a condition',
  automation: 'an automation',
  sensor: 'a sensor',
  webhook: 'a webhook',
  stream: 'a stream',
  key: 'the key of an entity',
  constant: 'a constant',
  template: 'a template',
  check: 'a check',
  partitions: 'partitions',
  partition_read: 'partitions of an asset',
  partition_value: 'the partition',
}

/** `a source or a model` of kinds of definitions. */
export function kindsAsWords(kinds: readonly string[]): string {
  return kinds.map((kind) => kindsInWords[kind] ?? kind).join(' or ')
}

/** What sort of value it is; never the value, which may be a secret. */
function typeInWords(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return value === '' ? 'an empty text' : 'a text'
  if (typeof value === 'object') {
    const kind: unknown = 'kind' in value ? value.kind : undefined
    return typeof kind === 'string' && Object.hasOwn(kindsInWords, kind) ? kindsAsWords([kind]) : 'an object'
  }
  return `a ${typeof value}`
}
