import { types, type CustomTypesConfig } from 'pg'
import type { JsonValue } from '../../../orchestrator/contract/index.ts'

const { builtins } = types

/** Postgres' values as a `Row` has them, by type. What is not named here stays text. */
const parsers: Readonly<Record<number, (text: string) => JsonValue>> = {
  [builtins.BOOL]: (text) => text === 't',
  [builtins.INT2]: Number,
  [builtins.INT4]: Number,
  [builtins.INT8]: (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text),
  [builtins.FLOAT4]: (text) => (Number.isFinite(Number(text)) ? Number(text) : text),
  [builtins.FLOAT8]: (text) => (Number.isFinite(Number(text)) ? Number(text) : text),
  [builtins.TIMESTAMP]: isoTimestamp,
  [builtins.TIMESTAMPTZ]: isoTimestamp,
  [builtins.JSON]: (text) => JSON.parse(text) as JsonValue,
  [builtins.JSONB]: (text) => JSON.parse(text) as JsonValue,
  /** float8[] */
  1022: (text) => text.slice(1, -1).split(',').filter(Boolean).map(Number),
}

const asText = (text: string): string => text

export const rowTypes: CustomTypesConfig = {
  getTypeParser: ((oid: number) => parsers[oid] ?? asText) as CustomTypesConfig['getTypeParser'],
}

/** How a column is written into JSON lines so that it means the same from every warehouse. */
export function jsonFormat(oid: number, value: string): string {
  return formats[oid]?.(value) ?? value
}

const iso = (value: string): string =>
  `case when isfinite(${value}) then to_char(${value}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') else ${value}::text end`

const formats: Readonly<Record<number, (value: string) => string>> = {
  [builtins.INT8]: (value) =>
    `case when abs(${value}::numeric) <= 9007199254740991 then to_json(${value}) else to_json(${value}::text) end`,
  [builtins.NUMERIC]: (value) => `${value}::text`,
  [builtins.TIMESTAMP]: iso,
  [builtins.TIMESTAMPTZ]: iso,
  /** Written as it was typed otherwise, line breaks included. */
  [builtins.JSON]: (value) => `${value}::jsonb`,
}

function isoTimestamp(text: string): string {
  const match = /^(\d+-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(?:\+00)?$/.exec(text)
  if (match === null) return text
  const [, date, time, fraction = ''] = match
  return `${date}T${time}.${fraction.padEnd(6, '0')}Z`
}
