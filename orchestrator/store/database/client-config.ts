import { types } from 'pg'
import type { ClientConfig } from 'pg'

export interface ConnectOptions {
  readonly url: string
  readonly applicationName: string
  /** 0 for none. */
  readonly statementTimeoutMs?: number
}

const connectTimeoutMs = 5_000
const defaultStatementTimeoutMs = 30_000
/** A server that cannot even tell that a statement timed out is gone. */
const silenceMs = 10_000

/** How every connection of the store is made: with time-outs, and with types that its rows are declared with. */
export function clientConfig({
  url,
  applicationName,
  statementTimeoutMs = defaultStatementTimeoutMs,
}: ConnectOptions): ClientConfig {
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    types: { getTypeParser: parserOf },
    ...(statementTimeoutMs > 0 && {
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + silenceMs,
    }),
  }
}

const int8 = 20
const timestamptz = 1184

/** Big integers as numbers (ours stay far below 2^53), times as ISO 8601 in UTC. */
function parserOf(oid: number, format?: 'text' | 'binary'): unknown {
  if (oid === int8) return Number
  if (oid === timestamptz) return isoTime
  return types.getTypeParser(oid, format)
}

/** From Postgres' `2026-01-31 09:30:00.123456+05:30`, whatever the session's zone. */
function isoTime(text: string): string {
  const offset = /[+-]\d\d(:\d\d)?$/.exec(text)
  const time = text.slice(0, offset?.index).replace(' ', 'T')
  return new Date(`${time}${offset?.[1] ? offset[0] : `${offset?.[0] ?? '+00'}:00`}`).toISOString()
}
