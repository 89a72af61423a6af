import {
  DuckDBTypeId as Type,
  JsonDuckDBValueConverter,
  type DuckDBResultReader,
  type DuckDBValue,
  type DuckDBValueConverter,
} from '@duckdb/node-api'
import type { JsonValue } from '../../../orchestrator/contract/index.ts'
import type { Row } from '../warehouse.ts'

/** The rows that were read so far. */
export function readRows(reader: DuckDBResultReader): Row[] {
  const rows = reader.convertRowObjects<JsonValue>(rowConverter)
  // A value does not know that its text is JSON, only its column does.
  const documents = reader.columnNames().filter((_, index) => reader.columnType(index).alias === 'JSON')
  for (const name of documents) {
    for (const row of rows) {
      const text = row[name]
      if (typeof text === 'string') row[name] = JSON.parse(text) as JsonValue
    }
  }
  return rows
}

/** DuckDB's values as a `Row` has them. Types that are not named here are JSON or text already. */
const rowConverter: DuckDBValueConverter<JsonValue> = (value, type, converter) => {
  if (value === null) return null
  const convert = converters[type.typeId]
  if (convert !== undefined) return convert(value)
  return JsonDuckDBValueConverter(value, type, converter as never)
}

const converters: Readonly<Partial<Record<number, (value: DuckDBValue) => JsonValue>>> = {
  [Type.BIGINT]: safeInteger,
  [Type.UBIGINT]: safeInteger,
  [Type.HUGEINT]: safeInteger,
  [Type.UHUGEINT]: safeInteger,
  [Type.TIMESTAMP]: (value) => isoTimestamp(String(value)),
  [Type.TIMESTAMP_S]: (value) => isoTimestamp(String(value)),
  [Type.TIMESTAMP_MS]: (value) => isoTimestamp(String(value)),
  [Type.TIMESTAMP_NS]: (value) => isoTimestamp(String(value)),
  [Type.TIMESTAMP_TZ]: (value) => isoTimestamp(String(value)),
}

function safeInteger(value: DuckDBValue): JsonValue {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

/** `2020-07-03 10:00:00[.5][+00]` as `2020-07-03T10:00:00.500000Z`; infinities and years before Christ as they are. */
function isoTimestamp(text: string): string {
  const match = /^(\d+-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(?:\+00(?::?00)?)?$/.exec(text)
  if (match === null) return text
  const [, date, time, fraction = ''] = match
  return `${date}T${time}.${fraction.slice(0, 6).padEnd(6, '0')}Z`
}
