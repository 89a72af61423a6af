import type { ConfiguredAirbyteStream, JsonData } from '../../protocol/index.ts'

interface FieldSchema {
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
}

const makers: Readonly<Record<string, (n: number, schema: FieldSchema) => unknown>> = {
  string: (n, { format }) => formatted[format ?? '']?.(n) ?? `row-${n}`,
  integer: (n) => n,
  number: (n) => n + 0.5,
  boolean: (n) => n % 2 === 0,
  array: () => [],
  object: () => ({}),
}

const formatted: Readonly<Record<string, (n: number) => string>> = {
  'date-time': (n) => new Date(Date.UTC(2024, 0, 1, 0, 0, n)).toISOString(),
  date: (n) => new Date(Date.UTC(2024, 0, 1 + (n % 300))).toISOString().slice(0, 10),
  email: (n) => `row-${n}@example.org`,
  uri: (n) => `https://example.org/${n}`,
  uuid: (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
}

/**
 * Makes the n-th row by the stream's own schema, each field as its type and format ask. `text`, if it is given, is in the
 * first plain text that is no part of the key.
 */
export function rowMaker({ stream, primary_key }: ConfiguredAirbyteStream): (n: number, text?: string) => JsonData {
  const fields = Object.entries((stream.json_schema['properties'] ?? {}) as Readonly<Record<string, FieldSchema>>)
  const keys = new Set((primary_key ?? []).map(([field]) => field))
  const plain = fields.filter(([, schema]) => typeOf(schema) === 'string' && schema.format === undefined)
  const texts = plain.filter(([, schema]) => schema.enum === undefined).map(([name]) => name)
  const target = texts.find((name) => !keys.has(name)) ?? texts[0]
  return (n, text) =>
    Object.fromEntries(
      fields.map(([name, schema]) => [
        name,
        name === target && text !== undefined ? `${n} ${text}` : valueOf(schema, n),
      ]),
    )
}

function valueOf(schema: FieldSchema, n: number): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[n % schema.enum.length]
  return makers[typeOf(schema)]?.(n, schema) ?? null
}

function typeOf({ type }: FieldSchema): string {
  if (type === undefined) return 'string'
  return typeof type === 'string' ? type : (type.find((one) => one !== 'null') ?? 'null')
}
